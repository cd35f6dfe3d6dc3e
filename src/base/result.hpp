#pragma once
/// @file Result: a value or the reason why there is none. Dropping one is a warning, hence an error.

#include "thimble/base/error.hpp"

#include <expected>
#include <type_traits>
#include <utility>

namespace thimble {

/// A `T` or an `E`. A class, not an alias, so that `[[nodiscard]]` holds for the type.
template <class T, class E = Error>
class [[nodiscard]] Result : public std::expected<T, E> {
public:
    using Base = std::expected<T, E>;
    using Base::Base;
    // NOLINTNEXTLINE(google-explicit-constructor): `return Error{..}` is the idiom
    Result(E error) : Base(std::unexpected(std::move(error))) {}
};

/// A failure of the named kind, ready to return.
[[nodiscard]] inline Error failure(ErrorKind kind, std::string code, std::string message) {
    return Error{kind, std::move(code), std::move(message), nullptr};
}

namespace detail {
[[noreturn]] void check_failed(const char* condition, const char* file, int line) noexcept;
}  // namespace detail

}  // namespace thimble

// NOLINTBEGIN(bugprone-macro-parentheses): names and declarations cannot stand in parentheses.
#define THIMBLE_CONCAT_NOW(a, b) a##b
#define THIMBLE_CONCAT(a, b) THIMBLE_CONCAT_NOW(a, b)

#define THIMBLE_TRY_VALUE(result, declaration, expression) \
    auto result = (expression);                            \
    if (!result) {                                         \
        return std::move(result).error();                  \
    }                                                      \
    declaration = *std::move(result)
#define THIMBLE_TRY_VOID(result, expression)   \
    if (auto result = (expression); !result) { \
        return std::move(result).error();      \
    }
#define THIMBLE_TRY_PICK(_1, _2, name, ...) name
#define THIMBLE_TRY_1(expression) THIMBLE_TRY_VOID(THIMBLE_CONCAT(try_, __LINE__), expression)
#define THIMBLE_TRY_2(declaration, expression) \
    THIMBLE_TRY_VALUE(THIMBLE_CONCAT(try_, __LINE__), declaration, expression)
/// THIMBLE_TRY(auto x, f()) or THIMBLE_TRY(g()): go on with the value, or return the error.
/// An expression with a comma outside parentheses needs parentheses of its own.
#define THIMBLE_TRY(...) THIMBLE_TRY_PICK(__VA_ARGS__, THIMBLE_TRY_2, THIMBLE_TRY_1, 0)(__VA_ARGS__)
// NOLINTEND(bugprone-macro-parentheses)

/// Our own invariant: aborts in every build, because going on would be a lie.
#define THIMBLE_CHECK(condition)        \
    ((condition) ? static_cast<void>(0) \
                 : ::thimble::detail::check_failed(#condition, __FILE__, __LINE__))
