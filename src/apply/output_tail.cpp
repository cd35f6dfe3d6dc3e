#include "thimble/apply/output_tail.hpp"

#include "thimble/base/lines.hpp"
#include "thimble/base/utf8.hpp"

#include <algorithm>
#include <cstddef>

namespace thimble::apply {
namespace {

constexpr std::size_t kMaxOutput = std::size_t{64} << 10;
constexpr std::size_t kMaxDetail = 1000;

}  // namespace

void OutputTail::take(std::string_view piece) {
    text_ += piece;
    if (text_.size() > kMaxOutput) {
        text_.erase(0, text_.size() - kMaxOutput);
    }
}

std::string last_words(std::string_view output) {
    while (output.ends_with('\n')) {
        output.remove_suffix(1);
    }
    output = output.substr(output.size() - std::min(output.size(), kMaxDetail));
    const std::size_t feed = output.find('\n');
    if (output.size() == kMaxDetail && feed != std::string_view::npos) {
        output.remove_prefix(feed + 1);
    }
    std::string words;
    Lines lines(output);
    for (std::string_view line; lines.next(line);) {
        words += (words.empty() || line.empty() ? "" : "; ") + printable(line);
    }
    return words;
}

}  // namespace thimble::apply
