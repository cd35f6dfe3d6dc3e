#include "thimble/base/line_diff.hpp"

#include "thimble/base/lines.hpp"
#include "thimble/base/utf8.hpp"

#include <algorithm>
#include <cstddef>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

namespace thimble {
namespace {

constexpr std::ptrdiff_t kMaxDifferences = 1000;
constexpr std::size_t kContext = 3;
constexpr std::size_t kMaxLine = 1000;

using TextParts = std::vector<std::string_view>;

struct Edit {
    char sign = ' ';  ///< ' ' in both, '-' goes, '+' comes
    std::string_view line;
};

TextParts lines_of(std::string_view text) {
    TextParts parts;
    Lines lines(text);
    for (std::string_view line; lines.next(line);) {
        parts.push_back(line);
    }
    return parts;
}

/// Myers, "An O(ND) Difference Algorithm and Its Variations" (1986): the furthest x on each diagonal
/// after 0, 1, 2 … differences, kept so that the way can be walked back.
class ShortestEdit {
public:
    ShortestEdit(const TextParts& before, const TextParts& after)
        : before_(before), after_(after) {}

    std::vector<Edit> find() {
        const auto limit =
            std::min(kMaxDifferences, static_cast<std::ptrdiff_t>(before_.size() + after_.size()));
        std::vector<std::ptrdiff_t> furthest(static_cast<std::size_t>(2 * limit + 3), 0);
        for (std::ptrdiff_t differences = 0; differences <= limit; ++differences) {
            trace_.push_back(furthest);
            for (std::ptrdiff_t diagonal = -differences; diagonal <= differences; diagonal += 2) {
                std::ptrdiff_t x = start_of(furthest, diagonal, differences, limit);
                while (matches(x, x - diagonal)) {
                    ++x;
                }
                at(furthest, diagonal, limit) = x;
                if (x >= size(before_) && x - diagonal >= size(after_)) {
                    return walk_back(differences, limit);
                }
            }
        }
        return replaced();
    }

private:
    static std::ptrdiff_t size(const TextParts& parts) {
        return static_cast<std::ptrdiff_t>(parts.size());
    }

    static std::ptrdiff_t& at(
        std::vector<std::ptrdiff_t>& furthest, std::ptrdiff_t diagonal, std::ptrdiff_t limit) {
        return furthest[static_cast<std::size_t>(diagonal + limit + 1)];
    }

    /// Where the next diagonal begins: one line came, or one went.
    static std::ptrdiff_t start_of(
        std::vector<std::ptrdiff_t>& furthest,
        std::ptrdiff_t diagonal,
        std::ptrdiff_t differences,
        std::ptrdiff_t limit) {
        if (comes(furthest, diagonal, differences, limit)) {
            return at(furthest, diagonal + 1, limit);
        }
        return at(furthest, diagonal - 1, limit) + 1;
    }

    static bool comes(
        std::vector<std::ptrdiff_t>& furthest,
        std::ptrdiff_t diagonal,
        std::ptrdiff_t differences,
        std::ptrdiff_t limit) {
        return diagonal == -differences
            || (diagonal != differences
                && at(furthest, diagonal - 1, limit) < at(furthest, diagonal + 1, limit));
    }

    bool matches(std::ptrdiff_t x, std::ptrdiff_t y) const {
        return x >= 0 && y >= 0 && x < size(before_) && y < size(after_)
            && before_[static_cast<std::size_t>(x)] == after_[static_cast<std::size_t>(y)];
    }

    std::vector<Edit> walk_back(std::ptrdiff_t differences, std::ptrdiff_t limit) {
        std::vector<Edit> edits;
        std::ptrdiff_t x = size(before_);
        std::ptrdiff_t y = size(after_);
        for (; differences >= 0; --differences) {
            auto& furthest = trace_[static_cast<std::size_t>(differences)];
            const std::ptrdiff_t diagonal = x - y;
            const bool came = comes(furthest, diagonal, differences, limit);
            const std::ptrdiff_t previous = came ? diagonal + 1 : diagonal - 1;
            const std::ptrdiff_t from_x = differences == 0 ? 0 : at(furthest, previous, limit);
            const std::ptrdiff_t from_y = differences == 0 ? 0 : from_x - previous;
            while (x > from_x && y > from_y && matches(x - 1, y - 1)) {
                edits.push_back({' ', before_[static_cast<std::size_t>(--x)]});
                --y;
            }
            if (differences > 0) {
                edits.push_back(
                    came ? Edit{'+', after_[static_cast<std::size_t>(--y)]}
                         : Edit{'-', before_[static_cast<std::size_t>(--x)]});
            }
        }
        std::ranges::reverse(edits);
        return edits;
    }

    [[nodiscard]] std::vector<Edit> replaced() const {
        std::vector<Edit> edits;
        for (const std::string_view line : before_) {
            edits.push_back({'-', line});
        }
        for (const std::string_view line : after_) {
            edits.push_back({'+', line});
        }
        return edits;
    }

    const TextParts& before_;
    const TextParts& after_;
    std::vector<std::vector<std::ptrdiff_t>> trace_;
};

/// Prints the edits in hunks.
class HunkWriter {
public:
    HunkWriter(const std::vector<Edit>& edits, std::size_t limit) : edits_(edits), limit_(limit) {}

    std::string write() {
        std::size_t at = 0;
        while (at < edits_.size() && !full_) {
            if (edits_[at].sign == ' ') {
                ++at;
                continue;
            }
            const std::size_t begin = at - std::min(at, kContext);
            const std::size_t end = end_of_hunk(at);
            write_hunk(std::max(begin, done_), end);
            at = end;
        }
        return std::move(text_);
    }

private:
    /// Behind the context of the last change that is near enough.
    [[nodiscard]] std::size_t end_of_hunk(std::size_t at) const {
        std::size_t last = at;
        for (std::size_t next = at; next < edits_.size() && next <= last + 2 * kContext; ++next) {
            last = edits_[next].sign == ' ' ? last : next;
        }
        return std::min(edits_.size(), last + 1 + kContext);
    }

    void write_hunk(std::size_t begin, std::size_t end) {
        for (; done_ < begin; ++done_) {
            count(edits_[done_]);
        }
        const std::size_t before = before_;
        const std::size_t after = after_;
        std::string body;
        for (; done_ < end; ++done_) {
            count(edits_[done_]);
            body += edits_[done_].sign + printable(edits_[done_].line, kMaxLine) + "\n";
        }
        add("@@ -" + range(before, before_) + " +" + range(after, after_) + " @@\n" + body);
    }

    void count(const Edit& edit) {
        before_ += edit.sign == '+' ? 0 : 1;
        after_ += edit.sign == '-' ? 0 : 1;
    }

    /// Lines count from 1; an empty range names the line before it.
    static std::string range(std::size_t from, std::size_t to) {
        return std::to_string(to == from ? from : from + 1) + "," + std::to_string(to - from);
    }

    void add(std::string hunk) {
        if (text_.size() + hunk.size() > limit_) {
            hunk.resize(limit_ - text_.size());
            hunk.resize(hunk.rfind('\n') == std::string::npos ? 0 : hunk.rfind('\n') + 1);
            hunk += "…\n";
            full_ = true;
        }
        text_ += hunk;
    }

    const std::vector<Edit>& edits_;
    std::size_t limit_;
    std::string text_;
    std::size_t done_ = 0;
    std::size_t before_ = 0;  // lines of the old text that are behind us
    std::size_t after_ = 0;
    bool full_ = false;
};

}  // namespace

std::string line_diff(std::string_view before, std::string_view after, std::size_t limit) {
    constexpr char kNul = '\0';
    if (before == after || before.contains(kNul) || after.contains(kNul)) {
        return {};
    }
    const TextParts old_lines = lines_of(before);
    const TextParts new_lines = lines_of(after);
    const std::vector<Edit> edits = ShortestEdit(old_lines, new_lines).find();
    return HunkWriter(edits, limit).write();
}

}  // namespace thimble
