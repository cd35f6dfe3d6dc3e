#include "thimble/cli/error_document.hpp"

#include <algorithm>
#include <string>
#include <string_view>

namespace thimble::cli {
namespace {

/// Of the streams' own words, ours.
int document_word() {
    static const int kWord = std::ios_base::xalloc();
    return kWord;
}

}  // namespace

/// Passes everything on and remembers whether there was anything.
class ErrorDocument::Watch final : public std::streambuf {
public:
    explicit Watch(std::streambuf* to) : to_(to) {}

    [[nodiscard]] bool has_seen() const { return seen_; }

protected:
    int_type overflow(int_type byte) override {
        if (traits_type::eq_int_type(byte, traits_type::eof())) {
            return traits_type::not_eof(byte);
        }
        seen_ = true;
        return to_->sputc(traits_type::to_char_type(byte));
    }
    std::streamsize xsputn(const char* bytes, std::streamsize count) override {
        seen_ = seen_ || count > 0;
        return to_->sputn(bytes, count);
    }
    int sync() override { return to_->pubsync(); }

private:
    std::streambuf* to_;
    bool seen_ = false;
};

ErrorDocument::ErrorDocument(
    std::ostream& out, std::ostream& err, std::span<const char* const> words)
    : out_(out), err_(err) {
    const bool is_json = std::ranges::any_of(
        words, [](const char* word) { return std::string_view(word) == "--json"; });
    if (is_json) {
        before_ = out.rdbuf();
        watch_ = std::make_unique<Watch>(before_);
        out.rdbuf(watch_.get());
        err.pword(document_word()) = &first_;
    }
}

ErrorDocument::~ErrorDocument() {
    if (watch_) {
        out_.rdbuf(before_);
        err_.pword(document_word()) = nullptr;
    }
}

int ErrorDocument::finish(int status) {
    if (!watch_ || status == 0 || watch_->has_seen()) {
        return status;
    }
    if (first_.code.empty()) {
        first_ = {
            .code = "cli.failed",
            .message =
                "it ended with exit status " + std::to_string(status) + "; standard error says why",
            .next = {}};
    }
    out_ << told_error_json(first_) << '\n';
    return status;
}

void note_error(std::ostream& err, const ToldError& error) {
    auto* const first = static_cast<ToldError*>(err.pword(document_word()));
    if (first != nullptr && first->code.empty()) {
        *first = error;
    }
}

void share_error_document(std::ostream& from, std::ostream& to) {
    to.pword(document_word()) = from.pword(document_word());
}

}  // namespace thimble::cli
