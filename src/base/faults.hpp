#pragma once
/// @file All that is wrong with what somebody asks, told at once.

#include "thimble/base/result.hpp"

#include <utility>
#include <vector>

namespace thimble {

class Faults {
public:
    /// Keeps an error that who asked can mend.
    /// @error the others, as they are: Unavailable, Corrupt, Internal
    Result<void> note(const Result<void>& outcome);

    /// The value, or where there is none `otherwise`, which stands for it in what is looked at after it.
    /// @error as note
    template <class T>
    Result<T> value_or(Result<T> outcome, T otherwise) {
        if (outcome) {
            return outcome;
        }
        THIMBLE_TRY(note(Result<void>(std::move(outcome).error())));
        return otherwise;
    }

    [[nodiscard]] bool empty() const { return errors_.empty(); }

    /// @error kind and code of the first one, the words of all
    [[nodiscard]] Result<void> verdict() const;

private:
    std::vector<Error> errors_;
};

}  // namespace thimble
