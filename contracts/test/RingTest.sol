// SPDX-License-Identifier: Apache-2.0
pragma solidity 0.8.37;

import {IRingSettlement} from "../src/interfaces/IRingSettlement.sol";
import {deployRingSettlement} from "./Deploy.sol";
import {Nonce} from "../src/types/Nonce.sol";
import {Order} from "../src/types/Order.sol";
import {PlainToken} from "./tokens/PlainToken.sol";
import {vm} from "./Vm.sol";

/// @notice One order's place in a ring, as the miner plans it.
struct Place {
    /// Index in the table of orders.
    uint256 order;
    /// What it passes on to the place before it.
    uint256 fill;
    uint256 take;
    /// Whose authoring covers it: a position, or `BY_SENDER`. Found by `sign`.
    uint256 author;
    /// The order's counter when its turn comes. Found by `sign`.
    uint256 filledBefore;
}

struct Ring {
    Place[] places;
    bytes[] authSignatures;
    /// Empty if the miner is the sender.
    bytes minerSignature;
}

/// @notice A transaction's argument, before it is packed. Memory, hence by reference: a test changes what it wants to be wrong.
struct Submission {
    address miner;
    address feeRecipient;
    uint40 deadline;
    /// Ascending, each once. Found by `ringOf`.
    address[] tokens;
    Order[] orders;
    bytes[] ownerSignatures;
    Ring[] rings;
}

/// @title What every test of the settlement stands on
/// @notice A settlement, three tokens, people with keys, and an honest miner:
///
///     Submission memory plan = ringOf(two(aliceOrder, bobOrder), fills(40, 20));    what the miner wants
///     sign(plan);                                                                  by all owners, auth keys and the miner
///     submit(plan);                                                                or refuse(plan, "error")
///
/// Digests and packing are written anew from docs/spec/ring.md: nothing here is taken from the contract but its types.
abstract contract RingTest {
    uint256 internal constant START = 1_800_000_000;
    uint40 internal constant FAR = 4_000_000_000;

    uint256 internal constant TAKE_NONE = 0;
    uint256 internal constant TAKE_FEE = 1;
    uint256 internal constant TAKE_MARGIN = 2;
    uint256 internal constant BY_SENDER = 15;
    uint256 internal constant CANCELLED = type(uint128).max;

    IRingSettlement internal settlement;
    PlainToken internal tokenA;
    PlainToken internal tokenB;
    PlainToken internal tokenC;

    address internal alice;
    address internal bob;
    /// The third owner of a ring of three.
    address internal third;
    address internal miner;
    address internal feeRecipient;
    address internal wallet;
    /// Sends transactions, and has no part in them.
    address internal relay;
    address internal thief;

    /// Keys of all people, by address.
    mapping(address account => uint256 key) internal keyOf;
    mapping(address owner => address) private auths;

    function setUp() public virtual {
        vm.warp(START);
        settlement = deploySettlement();
        vm.label(address(settlement), "settlement");
        tokenA = new PlainToken();
        tokenB = new PlainToken();
        tokenC = new PlainToken();
        vm.label(address(tokenA), "token A");
        vm.label(address(tokenB), "token B");
        vm.label(address(tokenC), "token C");
        alice = person("Alice");
        bob = person("Bob");
        third = person("third owner");
        miner = person("miner");
        feeRecipient = person("fee recipient");
        wallet = person("wallet");
        relay = person("relay");
        thief = person("thief");
        fund(tokenA, alice, 1_000_000);
        fund(tokenB, bob, 1_000_000);
        fund(tokenC, third, 1_000_000);
    }

    /// @dev Overridden by tests of variants and baselines.
    function deploySettlement() internal virtual returns (IRingSettlement) {
        return IRingSettlement(deployRingSettlement());
    }

    // ── people and tokens ───────────────────────────────────────────────────────────────────────────────────────

    /// @notice Somebody with a key. The same name is the same person.
    function person(string memory name) internal returns (address account) {
        uint256 key = uint256(keccak256(bytes(name))) >> 1;
        account = vm.addr(key);
        keyOf[account] = key;
        vm.label(account, name);
    }

    function fund(PlainToken token, address who, uint256 amount) internal {
        token.mint(who, amount);
        approve(token, who, type(uint256).max);
    }

    function approve(PlainToken token, address who, uint256 amount) internal {
        vm.prank(who, who);
        token.approve(address(settlement), amount);
    }

    // ── orders ──────────────────────────────────────────────────────────────────────────────────────────────────

    /// @notice A plain order, valid for ever, with an auth key that belongs to the owner.
    function orderOf(address owner, PlainToken sell, uint256 sellAmount, PlainToken buy, uint256 buyAmount)
        internal
        returns (Order memory order)
    {
        order.owner = owner;
        order.sellToken = address(sell);
        order.buyToken = address(buy);
        order.sellAmount = uint128(sellAmount);
        order.buyAmount = uint128(buyAmount);
        order.validUntil = FAR;
        order.authAddress = authOf(owner);
    }

    /// @notice The address of the auth key that an owner uses unless a test says otherwise.
    function authOf(address owner) internal returns (address auth) {
        auth = auths[owner];
        if (auth != address(0)) return auth;
        auth = person(string.concat("auth key of ", string(abi.encodePacked(owner))));
        auths[owner] = auth;
    }

    function two(Order memory first, Order memory second) internal pure returns (Order[] memory orders) {
        orders = new Order[](2);
        (orders[0], orders[1]) = (first, second);
    }

    function three(Order memory first, Order memory second, Order memory last)
        internal
        pure
        returns (Order[] memory orders)
    {
        orders = new Order[](3);
        (orders[0], orders[1], orders[2]) = (first, second, last);
    }

    function fills(uint256 first, uint256 second) internal pure returns (uint256[] memory amounts) {
        amounts = new uint256[](2);
        (amounts[0], amounts[1]) = (first, second);
    }

    function fills(uint256 first, uint256 second, uint256 last) internal pure returns (uint256[] memory amounts) {
        amounts = new uint256[](3);
        (amounts[0], amounts[1], amounts[2]) = (first, second, last);
    }

    /// @notice Alice: 100 of A for at least 50 of B.
    function aliceOrder() internal returns (Order memory) {
        return orderOf(alice, tokenA, 100, tokenB, 50);
    }

    /// @notice Bob: 60 of B for at least 100 of A. He leaves 10 of B between him and Alice.
    function bobOrder() internal returns (Order memory) {
        return orderOf(bob, tokenB, 60, tokenA, 100);
    }

    /// @notice Alice's and Bob's orders, filled whole: Alice gets 60 where 50 would do. Not yet signed.
    function ringOfTwo() internal returns (Submission memory) {
        return ringOf(two(aliceOrder(), bobOrder()), fills(100, 60));
    }

    // ── an honest miner's work ──────────────────────────────────────────────────────────────────────────────────

    /// @notice One ring of all these orders: each passes on its fill to the order before it. Nothing is taken, nothing signed.
    function ringOf(Order[] memory orders, uint256[] memory amounts) internal view returns (Submission memory plan) {
        plan = tableOf(orders, 1);
        plan.rings[0].places = new Place[](orders.length);
        for (uint256 i = 0; i < orders.length; i++) {
            plan.rings[0].places[i] = Place(i, amounts[i], TAKE_NONE, i, 0);
        }
    }

    /// @notice A table of orders, with room for rings over it.
    function tableOf(Order[] memory orders, uint256 rings) internal view returns (Submission memory plan) {
        plan.miner = miner;
        plan.feeRecipient = feeRecipient;
        plan.deadline = FAR;
        plan.orders = orders;
        plan.tokens = tokensOf(orders);
        plan.rings = new Ring[](rings);
    }

    /// @notice All signatures, to be sent by the relay.
    function sign(Submission memory plan) internal view {
        signFor(plan, relay);
    }

    /// @notice All signatures, to be sent by `sender`: what is its own to author needs none.
    function signFor(Submission memory plan, address sender) internal view {
        signOrders(plan);
        findFilledBefore(plan);
        for (uint256 i = 0; i < plan.rings.length; i++) {
            findAuthors(plan, plan.rings[i], sender);
            signRing(plan, plan.rings[i], sender);
        }
    }

    /// @dev Owners without a key (contracts) must be signed for by the test, after this.
    function signOrders(Submission memory plan) internal view {
        plan.ownerSignatures = new bytes[](plan.orders.length);
        for (uint256 i = 0; i < plan.orders.length; i++) {
            plan.ownerSignatures[i] = signatureOf(plan.orders[i].owner, orderHash(plan.orders[i]));
        }
    }

    /// @dev What stands on chain, and what the places before it will add.
    function findFilledBefore(Submission memory plan) internal view {
        for (uint256 r = 0; r < plan.rings.length; r++) {
            for (uint256 p = 0; p < plan.rings[r].places.length; p++) {
                Place memory place = plan.rings[r].places[p];
                Order memory order = plan.orders[place.order];
                place.filledBefore =
                    settlement.filled(order.owner, order.nonce) + countedBefore(plan, order, r, p);
            }
        }
    }

    function countedBefore(Submission memory plan, Order memory order, uint256 ring, uint256 position)
        private
        pure
        returns (uint256 counted)
    {
        for (uint256 r = 0; r <= ring; r++) {
            Place[] memory places = plan.rings[r].places;
            for (uint256 p = 0; p < (r == ring ? position : places.length); p++) {
                Order memory earlier = plan.orders[places[p].order];
                if (earlier.owner != order.owner || Nonce.unwrap(earlier.nonce) != Nonce.unwrap(order.nonce)) continue;
                counted += earlier.buyDriven ? places[(p + 1) % places.length].fill : places[p].fill;
            }
        }
    }

    /// @dev Each place's author is the sender if it is the auth address, else the first place with that address.
    function findAuthors(Submission memory plan, Ring memory ring, address sender) internal pure {
        for (uint256 i = 0; i < ring.places.length; i++) {
            address auth = plan.orders[ring.places[i].order].authAddress;
            uint256 author = 0;
            while (plan.orders[ring.places[author].order].authAddress != auth) author++;
            ring.places[i].author = auth == sender ? BY_SENDER : author;
        }
    }

    function signRing(Submission memory plan, Ring memory ring, address sender) internal view {
        bytes32 digest = ringHash(plan, ring);
        uint256 count = 0;
        for (uint256 i = 0; i < ring.places.length; i++) {
            if (ring.places[i].author == i) count++;
        }
        ring.authSignatures = new bytes[](count);
        count = 0;
        for (uint256 i = 0; i < ring.places.length; i++) {
            if (ring.places[i].author != i) continue;
            ring.authSignatures[count++] = signatureOf(plan.orders[ring.places[i].order].authAddress, digest);
        }
        ring.minerSignature = sender == plan.miner ? bytes("") : signatureOf(plan.miner, digest);
    }

    /// @notice 64 bytes (ERC-2098). Somebody without a key signs zeros.
    function signatureOf(address who, bytes32 digest) internal view returns (bytes memory) {
        if (keyOf[who] == 0) return new bytes(64);
        (bytes32 r, bytes32 vs) = vm.signCompact(keyOf[who], digest);
        return abi.encodePacked(r, vs);
    }

    // ── sending ─────────────────────────────────────────────────────────────────────────────────────────────────

    /// @notice The relay sends it; the test fails if it is refused.
    function submit(Submission memory plan) internal {
        submitBy(relay, plan);
    }

    function submitBy(address sender, Submission memory plan) internal {
        submitBytes(sender, pack(plan));
    }

    function submitBytes(address sender, bytes memory packed) internal {
        vm.prank(sender, sender);
        settlement.submit(packed);
    }

    /// @notice The relay sends it; the test fails unless it is refused with exactly this error.
    function refuse(Submission memory plan, bytes memory expected) internal {
        refuseBytes(relay, pack(plan), expected);
    }

    function refuseBy(address sender, Submission memory plan, bytes memory expected) internal {
        refuseBytes(sender, pack(plan), expected);
    }

    function refuseBytes(address sender, bytes memory packed, bytes memory expected) internal {
        (bool accepted, bytes memory answer) = trySubmit(sender, packed);
        vm.assertFalse(accepted, "accepted what is to be refused");
        vm.assertEq(answer, expected, "refused with another error");
    }

    /// @notice Sends it, whatever comes of it: `answer` is the error if it is not accepted.
    function trySubmit(address sender, bytes memory packed) internal returns (bool accepted, bytes memory answer) {
        vm.prank(sender, sender);
        return address(settlement).call(abi.encodeCall(IRingSettlement.submit, (packed)));
    }

    /// @notice An error that has only the hash of an order.
    function errorOf(bytes4 selector, Order memory order) internal view returns (bytes memory) {
        return abi.encodeWithSelector(selector, orderHash(order));
    }

    function errorOf(bytes4 selector) internal pure returns (bytes memory) {
        return abi.encodeWithSelector(selector);
    }

    // ── digests (docs/spec/ring.md §3) ──────────────────────────────────────────────────────────────────────────

    function domainSeparator() internal view virtual returns (bytes32) {
        return keccak256(
            abi.encode(
                keccak256("EIP712Domain(string name,string version,uint256 chainId,address verifyingContract)"),
                keccak256("Signet Ring"),
                keccak256("1"),
                block.chainid,
                address(settlement)
            )
        );
    }

    function typedDigest(bytes32 structHash) internal view returns (bytes32) {
        return keccak256(abi.encodePacked(hex"1901", domainSeparator(), structHash));
    }

    function orderHash(Order memory order) internal view returns (bytes32) {
        bytes32 typeHash = keccak256(
            "Order(address owner,address sellToken,address buyToken,uint128 sellAmount,uint128 buyAmount,"
            "uint40 validSince,uint40 validUntil,uint96 nonce,address authAddress,address feeToken,uint128 feeAmount,"
            "uint8 marginSplit,address wallet,uint8 walletSplit,bool allOrNone,bool buyDriven,uint128 minimumFill,"
            "address recipient)"
        );
        // All fields are value types: ABI encoding of the struct is the concatenation that EIP-712 asks for.
        return typedDigest(keccak256(bytes.concat(typeHash, abi.encode(order))));
    }

    function ringHash(Submission memory plan, Ring memory ring) internal view virtual returns (bytes32) {
        bytes memory list;
        for (uint256 i = 0; i < ring.places.length; i++) {
            Place memory place = ring.places[i];
            bytes32 typeHash =
                keccak256("Participation(bytes32 orderHash,uint128 fill,uint128 filledBefore,uint8 take)");
            bytes32 order = orderHash(plan.orders[place.order]);
            bytes32 hash = keccak256(abi.encode(typeHash, order, place.fill, place.filledBefore, place.take));
            list = bytes.concat(list, hash);
        }
        bytes32 ringTypeHash = keccak256(
            "Ring(Participation[] participations,address miner,address feeRecipient,uint40 deadline)"
            "Participation(bytes32 orderHash,uint128 fill,uint128 filledBefore,uint8 take)"
        );
        return typedDigest(
            keccak256(abi.encode(ringTypeHash, keccak256(list), plan.miner, plan.feeRecipient, plan.deadline))
        );
    }

    // ── bytes (docs/spec/ring.md §4) ────────────────────────────────────────────────────────────────────────────

    function pack(Submission memory plan) internal pure returns (bytes memory packed) {
        packed = bytes.concat(packHeader(plan), bytes1(uint8(plan.orders.length)));
        for (uint256 i = 0; i < plan.orders.length; i++) {
            packed = bytes.concat(packed, packOrder(plan, i));
        }
        packed = bytes.concat(packed, bytes1(uint8(plan.rings.length)));
        for (uint256 i = 0; i < plan.rings.length; i++) {
            packed = bytes.concat(packed, packRing(plan.rings[i]));
        }
    }

    function packHeader(Submission memory plan) internal pure returns (bytes memory packed) {
        packed = abi.encodePacked(plan.miner, plan.feeRecipient, plan.deadline, uint8(plan.tokens.length));
        for (uint256 i = 0; i < plan.tokens.length; i++) {
            packed = abi.encodePacked(packed, plan.tokens[i]);
        }
    }

    function packOrder(Submission memory plan, uint256 index) internal pure returns (bytes memory packed) {
        Order memory order = plan.orders[index];
        bytes memory signature = plan.ownerSignatures[index];
        packed = abi.encodePacked(
            flagsOf(order, signature),
            indexOf(plan.tokens, order.sellToken),
            indexOf(plan.tokens, order.buyToken),
            order.owner,
            order.authAddress,
            order.sellAmount,
            order.buyAmount
        );
        packed = abi.encodePacked(packed, order.validSince, order.validUntil, order.nonce);
        if (hasFee(order)) {
            packed = abi.encodePacked(packed, indexOf(plan.tokens, order.feeToken), order.feeAmount);
        }
        if (order.marginSplit != 0) packed = abi.encodePacked(packed, order.marginSplit);
        if (hasWallet(order)) packed = abi.encodePacked(packed, order.wallet, order.walletSplit);
        if (order.recipient != address(0)) packed = abi.encodePacked(packed, order.recipient);
        if (order.minimumFill != 0) packed = abi.encodePacked(packed, order.minimumFill);
        if (signature.length != 64) packed = abi.encodePacked(packed, uint16(signature.length));
        packed = bytes.concat(packed, signature);
    }

    function packRing(Ring memory ring) internal pure returns (bytes memory packed) {
        packed = abi.encodePacked(uint8(ring.places.length));
        for (uint256 i = 0; i < ring.places.length; i++) {
            Place memory place = ring.places[i];
            packed = abi.encodePacked(
                packed, uint8(place.order), uint8(place.author * 16 + place.take), uint128(place.fill)
            );
        }
        for (uint256 i = 0; i < ring.authSignatures.length; i++) {
            packed = bytes.concat(packed, ring.authSignatures[i]);
        }
        packed = bytes.concat(packed, ring.minerSignature);
    }

    function flagsOf(Order memory order, bytes memory signature) private pure returns (uint8 flags) {
        if (order.allOrNone) flags |= 1;
        if (order.buyDriven) flags |= 2;
        if (hasFee(order)) flags |= 4;
        if (order.marginSplit != 0) flags |= 8;
        if (hasWallet(order)) flags |= 16;
        if (order.recipient != address(0)) flags |= 32;
        if (order.minimumFill != 0) flags |= 64;
        if (signature.length != 64) flags |= 128;
    }

    function hasFee(Order memory order) private pure returns (bool) {
        return order.feeAmount != 0 || order.feeToken != address(0);
    }

    function hasWallet(Order memory order) private pure returns (bool) {
        return order.wallet != address(0) || order.walletSplit != 0;
    }

    /// @notice Every token that the orders name, ascending, each once.
    function tokensOf(Order[] memory orders) internal pure returns (address[] memory tokens) {
        for (uint256 i = 0; i < orders.length; i++) {
            tokens = withToken(withToken(tokens, orders[i].sellToken), orders[i].buyToken);
            if (hasFee(orders[i])) tokens = withToken(tokens, orders[i].feeToken);
        }
    }

    function withToken(address[] memory tokens, address token) private pure returns (address[] memory more) {
        if (indexOf(tokens, token) != 255) return tokens;
        more = new address[](tokens.length + 1);
        uint256 place = tokens.length;
        for (; place > 0 && tokens[place - 1] > token; place--) {
            more[place] = tokens[place - 1];
        }
        more[place] = token;
        for (; place > 0; place--) {
            more[place - 1] = tokens[place - 1];
        }
    }

    /// @notice 255 if it is not in the table.
    function indexOf(address[] memory tokens, address token) internal pure returns (uint8) {
        for (uint256 i = 0; i < tokens.length; i++) {
            if (tokens[i] == token) return uint8(i);
        }
        return 255;
    }
}
