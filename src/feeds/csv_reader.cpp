#include "thimble/feeds/csv_reader.hpp"

#include <algorithm>

namespace thimble::feeds {
namespace {

constexpr std::size_t kMaxFields = 256;

}  // namespace

/// Reads the field at `at`, and leaves `at` on the comma or line end behind it. False where its quote
/// is not closed within the row's bound.
bool CsvReader::read_field(std::string& field, std::size_t& at) const {
    const std::size_t bound = std::min(rest_.size(), max_row_bytes_);
    field.clear();
    bool quoted = false;
    for (; at < bound; ++at) {
        const char c = rest_[at];
        if (c == '"' && quoted && at + 1 < bound && rest_[at + 1] == '"') {
            field += '"';
            ++at;
        } else if (c == '"') {
            quoted = !quoted;
        } else if (!quoted && (c == ',' || c == '\n')) {
            return true;
        } else {
            field += c;
        }
    }
    return !quoted && bound == rest_.size();
}

void CsvReader::skip(std::size_t count) {
    line_ += static_cast<std::size_t>(std::ranges::count(rest_.substr(0, count), '\n'));
    rest_.remove_prefix(count);
}

bool CsvReader::next(std::vector<std::string>& fields) {
    fields.clear();
    if (rest_.empty()) {
        return false;
    }
    row_line_ = line_;
    std::size_t at = 0;
    for (;;) {
        std::string field;
        if (fields.size() == kMaxFields || !read_field(field, at)) {
            fields.clear();
            skip(std::min(rest_.find('\n'), rest_.size() - 1) + 1);
            return true;
        }
        const bool last = at == rest_.size() || rest_[at] == '\n';
        if (last && field.ends_with('\r')) {
            field.pop_back();
        }
        fields.push_back(std::move(field));
        if (last) {
            skip(std::min(at + 1, rest_.size()));
            return true;
        }
        ++at;
    }
}

}  // namespace thimble::feeds
