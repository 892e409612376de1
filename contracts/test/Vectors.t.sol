// SPDX-License-Identifier: Apache-2.0
pragma solidity 0.8.37;

import {IRingSettlement} from "../src/interfaces/IRingSettlement.sol";
import {deployRingSettlement} from "./Deploy.sol";
import {Nonce} from "../src/types/Nonce.sol";
import {Order} from "../src/types/Order.sol";
import {ActingToken} from "./vectors/ActingToken.sol";
import {AnsweringWallet} from "./vectors/AnsweringWallet.sol";

/// @notice The cheatcodes with which these tests read files, and set the world that the files speak of.
interface FileVm {
    struct Log {
        bytes32[] topics;
        bytes data;
        address emitter;
    }

    function projectRoot() external view returns (string memory);
    function readFile(string calldata path) external view returns (string memory);
    function readLine(string calldata path) external returns (string memory);
    function keyExistsJson(string calldata json, string calldata key) external view returns (bool);
    function parseJsonString(string calldata json, string calldata key) external pure returns (string memory);
    function parseJsonAddress(string calldata json, string calldata key) external pure returns (address);
    function parseJsonAddressArray(string calldata json, string calldata key) external pure returns (address[] memory);
    function parseJsonUint(string calldata json, string calldata key) external pure returns (uint256);
    function parseJsonUintArray(string calldata json, string calldata key) external pure returns (uint256[] memory);
    function parseJsonBytes(string calldata json, string calldata key) external pure returns (bytes memory);
    function parseJsonBytes32(string calldata json, string calldata key) external pure returns (bytes32);
    function parseJsonType(string calldata json, string calldata key, string calldata types) external pure returns (bytes memory);
    function parseJsonTypeArray(string calldata json, string calldata key, string calldata types)
        external
        pure
        returns (bytes memory);

    function chainId(uint256 id) external;
    function warp(uint256 time) external;
    function prank(address sender) external;
    function etch(address account, bytes calldata code) external;
    function snapshotState() external returns (uint256 id);
    function revertToState(uint256 id) external returns (bool);
    function recordLogs() external;
    function getRecordedLogs() external returns (Log[] memory);
}

/// @title The vectors, read by the contract's side
/// @notice vectors/README.md says what a case is. Each line of a file is one; a case begins in the world of
/// vectors/ring/world.json and leaves nothing behind.
contract VectorsTest {
    FileVm private constant vm = FileVm(address(uint160(uint256(keccak256("hevm cheat code")))));

    struct Act {
        address token;
        string act;
        bytes question;
        bytes answer;
    }

    struct Amount {
        address token;
        address owner;
        uint256 amount;
    }

    struct Answer {
        address owner;
        bytes32 digest;
        bytes signature;
    }

    struct Counter {
        address owner;
        uint96 nonce;
        uint256 value;
    }

    struct RawLog {
        address emitter;
        bytes32[] topics;
        bytes data;
    }

    string private constant ACT = "Act(address token,string act,bytes question,bytes answer)";
    string private constant AMOUNT = "Amount(address token,address owner,uint256 amount)";
    string private constant ANSWER = "Answer(address owner,bytes32 digest,bytes signature)";
    string private constant COUNTER = "Counter(address owner,uint96 nonce,uint256 value)";
    string private constant LOG = "RawLog(address emitter,bytes32[] topics,bytes data)";
    string private constant ORDER =
        "Order(address owner,address sellToken,address buyToken,uint128 sellAmount,uint128 buyAmount,"
        "uint40 validSince,uint40 validUntil,uint96 nonce,address authAddress,address feeToken,uint128 feeAmount,"
        "uint8 marginSplit,address wallet,uint8 walletSplit,bool allOrNone,bool buyDriven,uint128 minimumFill,"
        "address recipient)";

    uint256 private constant HALF_ORDER = 0x7fffffffffffffffffffffffffffffff5d576e7357a4501ddfe92f46681b20a0;

    IRingSettlement private settlement;

    /// The file and the name of the case that did not come out as it says.
    error Differs(string file, string name, string what);

    function setUp() external {
        string memory world = vm.readFile(path("world.json"));
        vm.chainId(vm.parseJsonUint(world, ".domain.chainId"));
        vm.prank(vm.parseJsonAddress(world, ".deployer"));
        settlement = IRingSettlement(deployRingSettlement());
        require(address(settlement) == vm.parseJsonAddress(world, ".domain.contract"), "another address");
        address[] memory tokens = vm.parseJsonAddressArray(world, ".tokens");
        address[] memory holders = vm.parseJsonAddressArray(world, ".holders");
        bytes memory code = address(new ActingToken()).code;
        for (uint256 i = 0; i < tokens.length; i++) {
            vm.etch(tokens[i], code);
            ActingToken(tokens[i]).endow(holders, vm.parseJsonUint(world, ".endowment"), address(settlement));
        }
        vm.etch(vm.parseJsonAddress(world, ".wallet"), address(new AnsweringWallet()).code);
    }

    function testSettled() external {
        require(playAll("settled.json") > 40, "cases are missing");
    }

    function testRefused() external {
        require(playAll("refused.json") > 100, "cases are missing");
    }

    function testOrders() external {
        require(playAll("orders.json") > 40, "cases are missing");
    }

    function testSignatures() external {
        require(playAll("signatures.json") > 20, "cases are missing");
    }

    // ── files ───────────────────────────────────────────────────────────────────────────────────────────────────

    function path(string memory file) private view returns (string memory) {
        return string.concat(vm.projectRoot(), "/vectors/ring/", file);
    }

    /// @dev A call of its own for each case gives its memory back; the file of 200,000 bytes is never held whole.
    function playAll(string memory file) private returns (uint256 count) {
        string memory from = path(file);
        bytes32 kind = keccak256(bytes(file));
        vm.readLine(from);
        for (bytes memory line = bytes(vm.readLine(from)); line.length > 1; line = bytes(vm.readLine(from))) {
            if (line[line.length - 1] == ",") {
                assembly {
                    mstore(line, sub(mload(line), 1))
                }
            }
            uint256 id = vm.snapshotState();
            if (kind == keccak256("orders.json")) this.playOrder(string(line));
            else if (kind == keccak256("signatures.json")) this.playSignature(string(line));
            else this.playCase(file, string(line));
            vm.revertToState(id);
            count++;
        }
    }

    function same(string memory a, string memory b) private pure returns (bool) {
        return keccak256(bytes(a)) == keccak256(bytes(b));
    }

    // ── orders.json, signatures.json ────────────────────────────────────────────────────────────────────────────

    /// @notice What the schema and the mirror refuse is no order for the contract to judge.
    function playOrder(string calldata line) external view {
        string memory name = vm.parseJsonString(line, ".name");
        if (!same(vm.parseJsonString(line, ".expect"), "accepted")) return;
        Order memory order = abi.decode(vm.parseJsonType(line, ".order", ORDER), (Order));
        if (settlement.hashOrder(order) != vm.parseJsonBytes32(line, ".hash")) revert Differs("orders.json", name, "hash");
    }

    function playSignature(string calldata line) external {
        string memory name = vm.parseJsonString(line, ".name");
        bytes memory signature = vm.parseJsonBytes(line, ".signature");
        address owner = vm.parseJsonAddress(line, ".owner");
        address signer = recovered(vm.parseJsonBytes32(line, ".digest"), signature);
        if (signer != vm.parseJsonAddress(line, ".signer")) revert Differs("signatures.json", name, "signer");
        uint256 deadline = vm.parseJsonUint(line, ".deadline");
        vm.warp(deadline);
        bytes memory call = abi.encodeCall(
            IRingSettlement.cancelFor, (owner, noncesAt(line, ".nonces"), uint40(deadline), signature)
        );
        (bool done, bytes memory answer) = address(settlement).call(call);
        bytes memory no = abi.encodeWithSelector(IRingSettlement.BadCancelSignature.selector, owner);
        bool isGood = same(vm.parseJsonString(line, ".expect"), "accepted");
        if (done != isGood || (!done && keccak256(answer) != keccak256(no))) {
            revert Differs("signatures.json", name, "answer");
        }
    }

    /// @dev By the machine's own precompile; docs/spec/ring.md §3.5 read anew.
    function recovered(bytes32 digest, bytes memory signature) private pure returns (address) {
        if (signature.length != 64) return address(0);
        (uint256 r, uint256 vs) = abi.decode(signature, (uint256, uint256));
        uint256 s = vs & (type(uint256).max >> 1);
        return s > HALF_ORDER ? address(0) : ecrecover(digest, uint8(27 + (vs >> 255)), bytes32(r), bytes32(s));
    }

    function noncesAt(string memory line, string memory key) private pure returns (Nonce[] memory nonces) {
        uint256[] memory numbers = vm.parseJsonUintArray(line, key);
        nonces = new Nonce[](numbers.length);
        for (uint256 i = 0; i < numbers.length; i++) {
            nonces[i] = Nonce.wrap(uint96(numbers[i]));
        }
    }

    // ── settled.json, refused.json ──────────────────────────────────────────────────────────────────────────────

    function playCase(string calldata file, string calldata line) external {
        Act[] memory acts = abi.decode(vm.parseJsonTypeArray(line, ".acts", ACT), (Act[]));
        setScene(line, acts);
        string memory name = vm.parseJsonString(line, ".name");
        for (uint256 i = 0;; i++) {
            string memory step = string.concat(".steps[", digitOf(i), "]");
            if (!vm.keyExistsJson(line, step)) break;
            string memory difference = playStep(line, step);
            if (bytes(difference).length != 0) revert Differs(file, name, difference);
        }
        for (uint256 i = 0; i < acts.length; i++) {
            if (!same(acts[i].act, "calls back")) continue;
            bytes memory heard = ActingToken(acts[i].token).answer();
            if (keccak256(heard) != keccak256(acts[i].answer)) revert Differs(file, name, "answer inside");
        }
    }

    function setScene(string calldata line, Act[] memory acts) private {
        for (uint256 i = 0; i < acts.length; i++) {
            if (same(acts[i].act, "without code")) continue;
            ActingToken(acts[i].token).play(actOf(acts[i].act), acts[i].question);
        }
        Amount[] memory balances = abi.decode(vm.parseJsonTypeArray(line, ".balances", AMOUNT), (Amount[]));
        for (uint256 i = 0; i < balances.length; i++) {
            ActingToken(balances[i].token).set(balances[i].owner, balances[i].amount);
        }
        Amount[] memory allowances = abi.decode(vm.parseJsonTypeArray(line, ".allowances", AMOUNT), (Amount[]));
        for (uint256 i = 0; i < allowances.length; i++) {
            ActingToken(allowances[i].token).setAllowance(allowances[i].owner, address(settlement), allowances[i].amount);
        }
        Answer[] memory answers = abi.decode(vm.parseJsonTypeArray(line, ".answers", ANSWER), (Answer[]));
        for (uint256 i = 0; i < answers.length; i++) {
            AnsweringWallet(answers[i].owner).accept(answers[i].digest, answers[i].signature);
        }
    }

    function actOf(string memory act) private pure returns (ActingToken.Act) {
        string[8] memory names =
            ["plain", "silent", "says no", "lies", "keeps one", "gives one", "says two", "calls back"];
        for (uint256 i = 0; i < names.length; i++) {
            if (same(names[i], act)) return ActingToken.Act(i);
        }
        revert(act);
    }

    /// @dev What came out differently; empty if nothing did.
    function playStep(string calldata line, string memory step) private returns (string memory) {
        bytes memory call = callAt(line, string.concat(step, ".call"));
        vm.warp(vm.parseJsonUint(line, string.concat(step, ".now")));
        vm.recordLogs();
        vm.prank(vm.parseJsonAddress(line, string.concat(step, ".sender")));
        (bool done, bytes memory answer) = address(settlement).call(call);
        FileVm.Log[] memory logs = vm.getRecordedLogs();
        if (done != same(vm.parseJsonString(line, string.concat(step, ".expect")), "accepted")) return "expect";
        if (!done) {
            bytes memory reverts = vm.parseJsonBytes(line, string.concat(step, ".reverts"));
            return keccak256(answer) == keccak256(reverts) ? "" : "reverts";
        }
        return string.concat(
            countersAgree(line, string.concat(step, ".counters")) ? "" : "counters ",
            logsAgree(line, string.concat(step, ".logs"), logs) ? "" : "logs"
        );
    }

    function countersAgree(string calldata line, string memory key) private view returns (bool) {
        Counter[] memory counters = abi.decode(vm.parseJsonTypeArray(line, key, COUNTER), (Counter[]));
        for (uint256 i = 0; i < counters.length; i++) {
            if (settlement.filled(counters[i].owner, Nonce.wrap(counters[i].nonce)) != counters[i].value) return false;
        }
        return true;
    }

    function logsAgree(string calldata line, string memory key, FileVm.Log[] memory logs) private pure returns (bool) {
        RawLog[] memory told = abi.decode(vm.parseJsonTypeArray(line, key, LOG), (RawLog[]));
        if (told.length != logs.length) return false;
        for (uint256 i = 0; i < logs.length; i++) {
            RawLog memory one = told[i];
            bytes32 expected = keccak256(abi.encode(one.emitter, one.topics, one.data));
            if (keccak256(abi.encode(logs[i].emitter, logs[i].topics, logs[i].data)) != expected) return false;
        }
        return true;
    }

    function callAt(string calldata line, string memory key) private pure returns (bytes memory) {
        string memory kind = vm.parseJsonString(line, string.concat(key, ".kind"));
        if (same(kind, "submit")) {
            return abi.encodeCall(IRingSettlement.submit, (vm.parseJsonBytes(line, string.concat(key, ".bytes"))));
        }
        if (same(kind, "cancelAll")) return abi.encodeCall(IRingSettlement.cancelAll, ());
        if (same(kind, "cancel")) {
            return abi.encodeCall(IRingSettlement.cancel, (noncesAt(line, string.concat(key, ".nonces"))));
        }
        address owner = vm.parseJsonAddress(line, string.concat(key, ".owner"));
        uint40 deadline = uint40(vm.parseJsonUint(line, string.concat(key, ".deadline")));
        bytes memory signature = vm.parseJsonBytes(line, string.concat(key, ".signature"));
        if (same(kind, "cancelAllFor")) {
            return abi.encodeCall(IRingSettlement.cancelAllFor, (owner, deadline, signature));
        }
        Nonce[] memory nonces = noncesAt(line, string.concat(key, ".nonces"));
        return abi.encodeCall(IRingSettlement.cancelFor, (owner, nonces, deadline, signature));
    }

    function digitOf(uint256 digit) private pure returns (string memory) {
        return string(abi.encodePacked(bytes1(uint8(48 + digit))));
    }
}
