// SPDX-License-Identifier: Apache-2.0
pragma solidity 0.8.37;

import {Domain} from "../src/Domain.sol";
import {IRingSettlement} from "../src/interfaces/IRingSettlement.sol";
import {Nonce} from "../src/types/Nonce.sol";
import {Order} from "../src/types/Order.sol";
import {RingTest, Submission} from "./RingTest.sol";
import {vm} from "./Vm.sol";

/// @notice Every signature is for this chain and this contract.
contract DomainTest is RingTest {
    function testSeparatorIsThatOfTheSpecification() external view {
        vm.assertEq(Domain(address(settlement)).DOMAIN_SEPARATOR(), domainSeparator(), "separator");
    }

    function testTellsItsDomain() external view {
        (bytes1 fields, string memory name, string memory version, uint256 chain, address contract_,,) =
            Domain(address(settlement)).eip712Domain();
        vm.assertEq(uint8(fields), 0x0f, "fields");
        vm.assertEq(bytes(name), "Signet Ring", "name");
        vm.assertEq(bytes(version), "1", "version");
        vm.assertEq(chain, block.chainid, "chain");
        vm.assertEq(contract_, address(settlement), "contract");
    }

    function testFuzzOrderHashIsThatOfTheSpecification(Order calldata order) external view {
        vm.assertEq(settlement.hashOrder(order), orderHash(order), "order hash");
    }

    /// What is read from calldata is hashed by another way than what is asked for. Shown by an order that its owner did not sign.
    function testFuzzOrderThatIsReadHasTheSameHash(Order memory order) external {
        vm.assume(order.sellToken != order.buyToken && order.sellToken != address(0) && order.buyToken != address(0));
        vm.assume(order.sellAmount > 0 && order.buyAmount > 0 && order.authAddress != address(0));
        vm.assume(order.feeToken != address(0) && order.owner.code.length == 0);
        order.marginSplit %= 101;
        order.walletSplit %= 101;
        order.validSince %= uint40(START + 1);
        if (order.validUntil < START) order.validUntil += uint40(START);
        order.nonce = Nonce.wrap(uint64(Nonce.unwrap(order.nonce)));
        Submission memory plan = ringOf(two(order, bobOrder()), fills(1, 1));
        sign(plan);
        refuse(plan, abi.encodeWithSelector(IRingSettlement.BadOwnerSignature.selector, orderHash(order)));
        // Each option is left out in turn.
        (order.feeToken, order.feeAmount, order.wallet, order.walletSplit) = (address(0), 0, address(0), 0);
        plan.tokens = tokensOf(plan.orders);
        refuse(plan, abi.encodeWithSelector(IRingSettlement.BadOwnerSignature.selector, orderHash(order)));
        (order.marginSplit, order.recipient, order.minimumFill) = (0, address(0), 0);
        refuse(plan, abi.encodeWithSelector(IRingSettlement.BadOwnerSignature.selector, orderHash(order)));
    }

    function testAnotherChainIsAnotherSeparator() external {
        bytes32 here = Domain(address(settlement)).DOMAIN_SEPARATOR();
        vm.chainId(4711);
        bytes32 there = Domain(address(settlement)).DOMAIN_SEPARATOR();
        vm.assertTrue(here != there, "the same on another chain");
        vm.assertEq(there, separatorOf(4711, address(settlement)), "that chain's");
    }

    /// After a fork of the chain, what was signed for one side is worth nothing on the other.
    function testOrderOfAnotherChainIsRefused() external {
        Submission memory plan = ringOfTwo();
        sign(plan);
        bytes memory packed = pack(plan);
        vm.chainId(4711);
        refuseBytes(relay, packed, abi.encodeWithSelector(IRingSettlement.BadOwnerSignature.selector, hashThere(plan)));
        vm.chainId(31_337);
        submitBytes(relay, packed);
    }

    function testOrderForAnotherContractIsRefused() external {
        Submission memory plan = ringOfTwo();
        sign(plan);
        bytes memory packed = pack(plan);
        settlement = deploySettlement();
        bytes32 hash = orderHash(plan.orders[0]);
        refuseBytes(relay, packed, abi.encodeWithSelector(IRingSettlement.BadOwnerSignature.selector, hash));
    }

    function testCancellationOfAnotherChainIsRefused() external {
        Nonce[] memory nonces = new Nonce[](1);
        bytes32 typeHash = keccak256("Cancel(address owner,uint96[] nonces,uint40 deadline)");
        bytes32 list = keccak256(abi.encode(nonces));
        bytes memory signature = signatureOf(alice, typedDigest(keccak256(abi.encode(typeHash, alice, list, FAR))));
        vm.chainId(4711);
        (bool done, bytes memory answer) =
            address(settlement).call(abi.encodeCall(IRingSettlement.cancelFor, (alice, nonces, FAR, signature)));
        vm.assertFalse(done, "cancelled");
        vm.assertEq(answer, abi.encodeWithSelector(IRingSettlement.BadCancelSignature.selector, alice), "error");
    }

    function hashThere(Submission memory plan) private view returns (bytes32) {
        return settlement.hashOrder(plan.orders[0]);
    }

    function separatorOf(uint256 chain, address contract_) private pure returns (bytes32) {
        bytes32 typeHash =
            keccak256("EIP712Domain(string name,string version,uint256 chainId,address verifyingContract)");
        return keccak256(abi.encode(typeHash, keccak256("Signet Ring"), keccak256("1"), chain, contract_));
    }
}
