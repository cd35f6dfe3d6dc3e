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
    Result(E error)
        : Base(std::unexpected(std::move(error))) {
    }  // NOLINT(google-explicit-constructor): `return Error{..}` is the idiom
};

/// A failure of the named kind, ready to return.
[[nodiscard]] inline Error failure(ErrorKind kind, std::string code, std::string message) {
    return Error{kind, std::move(code), std::move(message), nullptr};
}

namespace detail {
[[noreturn]] void check_failed(const char* condition, const char* file, int line) noexcept;
}  // namespace detail

}  // namespace thimble

#define THIMBLE_CONCAT_(a, b) a##b
#define THIMBLE_CONCAT(a, b) THIMBLE_CONCAT_(a, b)

#define THIMBLE_TRY_VALUE_(result, declaration, expression) \
    auto result = (expression);                             \
    if (!result) {                                          \
        return std::move(result).error();                   \
    }                                                       \
    declaration = *std::move(result)
#define THIMBLE_TRY_VOID_(result, expression)  \
    if (auto result = (expression); !result) { \
        return std::move(result).error();      \
    }
#define THIMBLE_TRY_PICK_(_1, _2, name, ...) name
#define THIMBLE_TRY_1_(expression) THIMBLE_TRY_VOID_(THIMBLE_CONCAT(try_, __LINE__), expression)
#define THIMBLE_TRY_2_(declaration, expression) \
    THIMBLE_TRY_VALUE_(THIMBLE_CONCAT(try_, __LINE__), declaration, expression)
/// THIMBLE_TRY(auto x, f()) or THIMBLE_TRY(g()): go on with the value, or return the error.
/// An expression with a comma outside parentheses needs parentheses of its own.
#define THIMBLE_TRY(...) \
    THIMBLE_TRY_PICK_(__VA_ARGS__, THIMBLE_TRY_2_, THIMBLE_TRY_1_, 0)(__VA_ARGS__)

/// Our own invariant: aborts in every build, because going on would be a lie.
#define THIMBLE_CHECK(condition)        \
    ((condition) ? static_cast<void>(0) \
                 : ::thimble::detail::check_failed(#condition, __FILE__, __LINE__))
