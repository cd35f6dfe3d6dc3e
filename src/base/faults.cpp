#include "thimble/base/faults.hpp"

#include <string>

namespace thimble {
namespace {

bool is_mendable(ErrorKind kind) {
    switch (kind) {
        case ErrorKind::NotFound:
        case ErrorKind::Invalid:
        case ErrorKind::Conflict:
        case ErrorKind::Denied:
        case ErrorKind::Unsupported: return true;
        case ErrorKind::Unavailable:
        case ErrorKind::Corrupt:
        case ErrorKind::Internal: return false;
    }
    return false;
}

}  // namespace

Result<void> Faults::note(const Result<void>& outcome) {
    if (outcome) {
        return {};
    }
    if (!is_mendable(outcome.error().kind)) {
        return outcome.error();
    }
    errors_.push_back(outcome.error());
    return {};
}

Result<void> Faults::verdict() const {
    if (errors_.empty()) {
        return {};
    }
    if (errors_.size() == 1) {
        return errors_.front();
    }
    std::string words;
    for (const Error& error : errors_) {
        words.append(words.empty() ? "" : "; ").append(error.text());
    }
    return failure(errors_.front().kind, errors_.front().code, std::move(words));
}

}  // namespace thimble
