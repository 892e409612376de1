// SPDX-License-Identifier: Apache-2.0
pragma solidity 0.8.37;

import {IRingSettlement} from "../../src/interfaces/IRingSettlement.sol";
import {PlainToken} from "../tokens/PlainToken.sol";

/// @notice A token that acts the part a vector gives it (vectors/README.md), plain unless told.
contract ActingToken is PlainToken {
    /// The order is part of the vectors' code: contracts/test/vectors/scene.ts counts them.
    enum Act {
        Plain,
        /// Moves everything and returns nothing.
        Silent,
        /// Moves everything, and returns false.
        SaysNo,
        /// Returns true, and moves nothing.
        Lies,
        /// The receiver gets one unit less.
        KeepsOne,
        /// The receiver gets one unit more.
        GivesOne,
        /// Moves everything, and returns two.
        SaysTwo,
        /// Calls the settlement again before it moves anything, and keeps its answer.
        CallsBack
    }

    Act public act;
    /// What it calls the settlement with, and what it heard.
    bytes public question;
    bytes public answer;

    function play(Act act_, bytes calldata question_) external {
        act = act_;
        question = question_;
    }

    function set(address account, uint256 amount) external {
        balanceOf[account] = amount;
    }

    function setAllowance(address owner, address spender, uint256 amount) external {
        allowance[owner][spender] = amount;
    }

    /// @notice All these may be moved by `spender`, and hold `amount`.
    function endow(address[] calldata accounts, uint256 amount, address spender) external {
        for (uint256 i = 0; i < accounts.length; i++) {
            balanceOf[accounts[i]] = amount;
            allowance[accounts[i]][spender] = type(uint256).max;
        }
    }

    function transferFrom(address from, address to, uint256 amount) external override returns (bool) {
        Act now_ = act;
        if (now_ == Act.Lies) return true;
        if (now_ == Act.CallsBack) {
            (, answer) = msg.sender.call(abi.encodeCall(IRingSettlement.submit, (question)));
        }
        uint256 allowed = allowance[from][msg.sender];
        if (allowed != type(uint256).max) allowance[from][msg.sender] = allowed - amount;
        move(from, to, amount);
        if (now_ == Act.KeepsOne) balanceOf[to] -= 1;
        if (now_ == Act.GivesOne) balanceOf[to] += 1;
        if (now_ == Act.Silent) {
            assembly {
                return(0, 0)
            }
        }
        if (now_ == Act.SaysTwo) {
            assembly {
                mstore(0, 2)
                return(0, 32)
            }
        }
        return now_ != Act.SaysNo;
    }
}
