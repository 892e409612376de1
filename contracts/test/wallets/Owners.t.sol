// SPDX-License-Identifier: Apache-2.0
pragma solidity 0.8.37;

import {IRingSettlement} from "../../src/interfaces/IRingSettlement.sol";
import {Order} from "../../src/types/Order.sol";
import {RingTest, Submission} from "../RingTest.sol";
import {PlainToken} from "../tokens/PlainToken.sol";
import {vm} from "../Vm.sol";
import {
    AnotherAnswerWallet,
    BurningWallet,
    DirtyAnswerWallet,
    GoodWallet,
    LongAnswerWallet,
    MoodyWallet,
    RefusingWallet,
    RevertingWallet,
    ShortAnswerWallet,
    Wallet,
    WritingWallet
} from "./Wallets.sol";

/// @notice Who can own an order: a key, a key whose account has code (EIP-7702), a contract (ERC-1271). The key is asked first.
contract OwnersTest is RingTest {
    // ── keys ────────────────────────────────────────────────────────────────────────────────────────────────────

    function testKeyDoesNotSignAtLength() external {
        Submission memory plan = ringOfTwo();
        sign(plan);
        (uint8 v, bytes32 r, bytes32 s) = vm.sign(keyOf[alice], orderHash(plan.orders[0]));
        plan.ownerSignatures[0] = abi.encodePacked(r, s, v);
        refuse(plan, errorOf(IRingSettlement.BadOwnerSignature.selector, plan.orders[0]));
    }

    // ── delegated accounts ──────────────────────────────────────────────────────────────────────────────────────

    function testDelegatedAccountSignsWithItsKey() external {
        delegate(address(new RefusingWallet()));
        settlesWith(signatureBy(alice));
    }

    /// Not even to be asked: such code cannot stop the owner's key.
    function testDelegatedAccountWithHostileCodeSignsWithItsKey() external {
        delegate(address(new BurningWallet()));
        settlesWith(signatureBy(alice));
    }

    function testDelegatedAccountSignsAsAContract() external {
        delegate(address(new GoodWallet(thief)));
        settlesWith(signatureBy(thief));
    }

    function testDelegatedAccountThatDidNotSign() external {
        delegate(address(new GoodWallet(thief)));
        refusesWith(signatureBy(bob));
        delegate(address(new RefusingWallet()));
        refusesWith(signatureBy(thief));
    }

    /// Signed before it had code, and settled after it was given some: the owner's word stands.
    function testOrderOutlivesADelegation() external {
        bytes memory signature = signatureBy(alice);
        delegate(address(new RefusingWallet()));
        settlesWith(signature);
    }

    // ── contract wallets ────────────────────────────────────────────────────────────────────────────────────────

    function testWalletSigns() external {
        owner(new GoodWallet(thief));
        settlesWith(signatureBy(thief));
    }

    function testWalletSignsAtLength() external {
        owner(new GoodWallet(thief));
        (uint8 v, bytes32 r, bytes32 s) = vm.sign(keyOf[thief], orderHash(planOf().orders[0]));
        settlesWith(abi.encodePacked(r, s, v));
    }

    function testWalletSignsAtGreatLength() external {
        owner(new GoodWallet(thief));
        (uint8 v, bytes32 r, bytes32 s) = vm.sign(keyOf[thief], orderHash(planOf().orders[0]));
        settlesWith(bytes.concat(abi.encodePacked(r, s, v), new bytes(65_535 - 65)));
    }

    /// A wallet may accept without any signature, if its owner told it so before.
    function testWalletSignsWithNothing() external {
        MoodyWallet moody = new MoodyWallet();
        owner(moody);
        refusesWith("");
        moody.setSigned(orderHash(planOf().orders[0]), true);
        settlesWith("");
        // It is asked every time: a wallet may change its mind.
        moody.setSigned(orderHash(planOf().orders[0]), false);
        refusesWith("");
    }

    function testWalletSaysYesAndMore() external {
        owner(new LongAnswerWallet());
        settlesWith(new bytes(64));
    }

    function testWalletSignsForAnother() external {
        owner(new GoodWallet(thief));
        refusesWith(signatureBy(bob));
        refusesWith(new bytes(64));
        refusesWith(new bytes(65));
        refusesWith("");
    }

    function testWalletsThatDoNotSayYes() external {
        Wallet[7] memory wallets = [
            Wallet(new RefusingWallet()),
            new AnotherAnswerWallet(),
            new DirtyAnswerWallet(),
            new ShortAnswerWallet(),
            new RevertingWallet(),
            new WritingWallet(),
            new BurningWallet()
        ];
        for (uint256 i = 0; i < wallets.length; i++) {
            owner(wallets[i]);
            refusesWith(new bytes(64));
            refusesWith(new bytes(700));
        }
    }

    /// Somebody else's order is named with an owner that has no code and no such key.
    function testNobodysAccount() external {
        ownerAccount = address(0xdead);
        refusesWith(signatureBy(thief));
        ownerAccount = address(0);
        refusesWith(new bytes(64));
        ownerAccount = address(settlement);
        refusesWith(new bytes(64));
    }

    // ────────────────────────────────────────────────────────────────────────────────────────────────────────────

    /// Owner of the order that the tests are about.
    address private ownerAccount;

    function setUp() public override {
        super.setUp();
        ownerAccount = alice;
    }

    /// @dev What an EIP-7702 transaction of the owner's leaves behind, and calls of the account run the implementation's code.
    function delegate(address implementation) private {
        vm.etch(alice, abi.encodePacked(hex"ef0100", implementation));
        Wallet wallet_ = Wallet(alice);
        wallet_.execute(address(0), "");
    }

    function owner(Wallet contract_) private {
        ownerAccount = address(contract_);
        tokenA.mint(ownerAccount, 1000);
        bytes memory approval = abi.encodeCall(PlainToken.approve, (address(settlement), type(uint256).max));
        contract_.execute(address(tokenA), approval);
    }

    function planOf() private returns (Submission memory) {
        Order memory hers = orderOf(ownerAccount, tokenA, 100, tokenB, 50);
        return ringOf(two(hers, orderOf(bob, tokenB, 60_000, tokenA, 100)), fills(10, 6));
    }

    function signatureBy(address signer) private returns (bytes memory) {
        return signatureOf(signer, orderHash(planOf().orders[0]));
    }

    function settlesWith(bytes memory signature) private {
        Submission memory plan = planOf();
        sign(plan);
        plan.ownerSignatures[0] = signature;
        uint256 before = tokenB.balanceOf(ownerAccount);
        submit(plan);
        vm.assertEq(tokenB.balanceOf(ownerAccount), before + 6, "bought");
    }

    /// @dev With gas for one who burns all but a 64th of it.
    function refusesWith(bytes memory signature) private {
        Submission memory plan = planOf();
        sign(plan);
        plan.ownerSignatures[0] = signature;
        bytes memory data = abi.encodeCall(IRingSettlement.submit, (pack(plan)));
        vm.prank(relay, relay);
        (bool done, bytes memory answer) = address(settlement).call{gas: 10_000_000}(data);
        vm.assertFalse(done, "settled");
        vm.assertEq(answer, errorOf(IRingSettlement.BadOwnerSignature.selector, plan.orders[0]), "another error");
    }
}
