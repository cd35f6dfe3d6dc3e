#include "thimble/base/error.hpp"

#include <memory>
#include <string>
#include <utility>

namespace thimble {

std::string Error::text() const {
    std::string out = message;
    for (const Error* at = cause.get(); at != nullptr; at = at->cause.get()) {
        out += ": ";
        out += at->message;
    }
    return out;
}

Error because(std::string message, Error cause) {
    Error wrapped{cause.kind, cause.code, std::move(message), nullptr};
    wrapped.cause = std::make_shared<const Error>(std::move(cause));
    return wrapped;
}

}  // namespace thimble
