// SPDX-License-Identifier: Apache-2.0
pragma solidity 0.8.37;

import {PlainToken} from "./PlainToken.sol";

/// @notice Moves as it should, and returns what `answer` says: so many bytes of two equal words.
abstract contract AnsweringToken is PlainToken {
    function transferFrom(address from, address to, uint256 amount) external override returns (bool moved) {
        uint256 allowed = allowance[from][msg.sender];
        if (allowed != type(uint256).max) allowance[from][msg.sender] = allowed - amount;
        move(from, to, amount);
        (uint256 word, uint256 length) = answer();
        moved = word == 1;
        assembly {
            mstore(0x00, word)
            mstore(0x20, word)
            return(0x00, length)
        }
    }

    function answer() internal pure virtual returns (uint256 word, uint256 length);
}

/// @notice As the oldest tokens: moves, returns nothing.
contract NoReturnToken is AnsweringToken {
    function answer() internal pure override returns (uint256 word, uint256 length) {
        return (0, 0);
    }
}

/// @notice Moves, and says that it did not.
contract FalseToken is AnsweringToken {
    function answer() internal pure override returns (uint256 word, uint256 length) {
        return (0, 32);
    }
}

/// @notice Moves, and returns what is neither true nor false.
contract TwoToken is AnsweringToken {
    function answer() internal pure override returns (uint256 word, uint256 length) {
        return (2, 32);
    }
}

/// @notice Moves, and returns all bits set.
contract AllOnesToken is AnsweringToken {
    function answer() internal pure override returns (uint256 word, uint256 length) {
        return (type(uint256).max, 32);
    }
}

/// @notice Moves, and returns true in a word that is one byte short.
contract ShortAnswerToken is AnsweringToken {
    function answer() internal pure override returns (uint256 word, uint256 length) {
        return (1 << 8, 31);
    }
}

/// @notice Moves, and returns true twice.
contract LongAnswerToken is AnsweringToken {
    function answer() internal pure override returns (uint256 word, uint256 length) {
        return (1, 64);
    }
}

/// @notice Keeps one percent, and at least one unit, of what is moved.
contract FeeOnTransferToken is PlainToken {
    function move(address from, address to, uint256 amount) internal override {
        super.move(from, to, amount);
        uint256 kept = amount / 100 + 1;
        balanceOf[to] -= kept;
        totalSupply -= kept;
    }
}

/// @notice Keeps half, but not from those whom it favours.
contract FavouringToken is PlainToken {
    mapping(address account => bool) public favoured;

    function favour(address account) external {
        favoured[account] = true;
    }

    function move(address from, address to, uint256 amount) internal override {
        super.move(from, to, amount);
        if (!favoured[to]) balanceOf[to] -= amount / 2;
    }
}

/// @notice Takes its fee from the giver, on top: the receiver gets all of it.
contract FeeOnTopToken is PlainToken {
    function move(address from, address to, uint256 amount) internal override {
        super.move(from, to, amount);
        uint256 kept = amount / 100 + 1;
        balanceOf[from] -= kept;
        totalSupply -= kept;
    }
}

/// @notice Says true, and does nothing.
contract LyingToken is PlainToken {
    function move(address, address, uint256) internal override {}
}

/// @notice Gives one unit more than was asked.
contract GenerousToken is PlainToken {
    function move(address from, address to, uint256 amount) internal override {
        super.move(from, to, amount);
        balanceOf[to]++;
        totalSupply++;
    }
}

/// @notice Takes the receiver's whole balance instead of adding to it.
contract RobbingToken is PlainToken {
    function move(address from, address to, uint256) internal override {
        balanceOf[from] += balanceOf[to];
        balanceOf[to] = 0;
    }
}

/// @notice Refuses every transfer.
contract RevertingToken is PlainToken {
    function move(address, address, uint256 amount) internal pure override {
        require(amount == 0, "no");
    }
}

/// @notice Burns all gas that it is given.
contract BurningToken is PlainToken {
    function move(address, address, uint256 amount) internal pure override {
        assembly {
            if amount { invalid() }
        }
    }
}

/// @notice Moves, but does not say who has what.
contract BlindToken {
    /// 0: no answer at all, 31: a short one, revert otherwise.
    uint256 private immutable length;

    constructor(uint256 length_) {
        length = length_;
    }

    function balanceOf(address) external view returns (uint256) {
        uint256 bytesCount = length;
        if (bytesCount > 32) revert("no");
        assembly {
            return(0x00, bytesCount)
        }
    }

    function transferFrom(address, address, uint256) external pure returns (bool) {
        return true;
    }
}

/// @notice Says who has what until it has moved something.
contract BlindedToken {
    bool private blinded;

    function balanceOf(address) external view returns (uint256) {
        require(!blinded, "no");
        return 0;
    }

    function transferFrom(address, address, uint256) external returns (bool) {
        blinded = true;
        return true;
    }
}

/// @notice Can be stopped, and stops itself after a number of transfers.
contract PausableToken is PlainToken {
    uint256 public movesLeft = type(uint256).max;

    function setMovesLeft(uint256 count) external {
        movesLeft = count;
    }

    function move(address from, address to, uint256 amount) internal override {
        require(movesLeft > 0, "paused");
        movesLeft--;
        super.move(from, to, amount);
    }
}

/// @notice Balances are shares of a pool that can grow or shrink, at any time, also while it moves.
contract RebasingToken {
    uint256 public pool = 1;
    uint256 public shares = 1;
    uint256 public growthOnMove;
    mapping(address account => uint256) public sharesOf;

    function balanceOf(address account) public view returns (uint256) {
        return sharesOf[account] * pool / shares;
    }

    function mint(address to, uint256 amount) external {
        sharesOf[to] += amount;
        shares += amount;
        pool += amount;
    }

    function approve(address, uint256) external pure returns (bool) {
        return true;
    }

    function grow(uint256 amount) external {
        pool += amount;
    }

    function setGrowthOnMove(uint256 amount) external {
        growthOnMove = amount;
    }

    /// @dev Rounds what it moves down to whole shares, as such tokens do.
    function transferFrom(address from, address to, uint256 amount) external returns (bool) {
        uint256 moved = amount * shares / pool;
        sharesOf[from] -= moved;
        sharesOf[to] += moved;
        pool += growthOnMove;
        return true;
    }
}

/// @notice Calls somebody with prepared data in the midst of every transfer, once armed, and keeps what came of it.
contract HookToken is PlainToken {
    address private target;
    bytes private data;
    uint256 public calls;
    bool public succeeded;
    bytes public answer;

    function arm(address target_, bytes calldata data_) external {
        (target, data) = (target_, data_);
    }

    function move(address from, address to, uint256 amount) internal override {
        super.move(from, to, amount);
        if (target == address(0)) return;
        calls++;
        (succeeded, answer) = target.call(data);
    }
}
