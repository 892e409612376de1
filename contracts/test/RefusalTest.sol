// SPDX-License-Identifier: Apache-2.0
pragma solidity 0.8.37;

import {Order} from "../src/types/Order.sol";
import {RingTest, Submission} from "./RingTest.sol";
import {PlainToken} from "./tokens/PlainToken.sol";
import {vm} from "./Vm.sol";

/// @notice What the tests of refusals share.
abstract contract RefusalTest is RingTest {
    function refuseFirst(Submission memory plan, bytes4 selector) internal {
        refuseWith(plan, errorOf(selector, plan.orders[0]));
    }

    function refuseWith(Submission memory plan, bytes memory expected) internal {
        sign(plan);
        refuse(plan, expected);
    }

    function refuseCall(bytes memory data, bytes memory expected) internal {
        vm.prank(relay, relay);
        (bool done, bytes memory answer) = address(settlement).call(data);
        vm.assertFalse(done, "settled");
        vm.assertEq(answer, expected, "another error");
    }

    /// @dev A fee of 10 C and half of the margin, half of both for the wallet.
    function withFee(Submission memory plan) internal {
        fund(tokenC, alice, 1000);
        Order memory hers = plan.orders[0];
        (hers.feeToken, hers.feeAmount, hers.marginSplit) = (address(tokenC), 10, 50);
        (hers.wallet, hers.walletSplit) = (wallet, 50);
        plan.tokens = tokensOf(plan.orders);
        plan.rings[0].places[0].take = TAKE_FEE;
    }

    function transferError(bytes4 selector, PlainToken token, address from, address to, uint256 amount)
        internal
        pure
        returns (bytes memory)
    {
        return abi.encodeWithSelector(selector, token, from, to, amount);
    }
}
