#pragma once
/// @file Private to this room: the `affected` part of an OSV record.

#include "thimble/feeds/json_access.hpp"
#include "thimble/model/advisory.hpp"

#include <string>
#include <string_view>
#include <vector>

namespace thimble::feeds {

/// Reads `affected` entries of one record, and remembers the first thing that was wrong.
class OsvAffectedReader {
public:
    explicit OsvAffectedReader(model::Advisory& advisory) : advisory_(advisory) {}

    /// Reads the array `affected`; null is an empty one.
    void read(JsonValue affected);
    /// Why the record cannot be used; empty while all is well.
    [[nodiscard]] const std::string& problem() const { return problem_; }

private:
    struct Entry;

    void read_entry(JsonValue value);
    bool read_package(JsonValue package, model::AffectedPackage& out);
    void read_ranges(JsonValue ranges, Entry& entry);
    void read_range(JsonValue range, Entry& entry);
    void read_event(std::string_view key, JsonValue version, Entry& entry);
    void read_versions(JsonValue versions, Entry& entry);
    void finish(Entry& entry);
    void wrong(std::string problem);

    model::Advisory& advisory_;
    std::string problem_;
};

/// What Debian calls the urgency, without the asterisks that say who rated: "medium**" is "medium";
/// "not yet assigned" is none.
std::string_view urgency_label(std::string_view urgency);
/// Whether that word, as a record spells it, is "unimportant".
bool is_unimportant(std::string_view urgency);

/// Adds a severity that is not there yet.
void add_severity(model::Advisory& advisory, std::string_view type, std::string_view score);
/// Reads an array of `{type, score}`.
void read_severities(JsonValue severities, model::Advisory& advisory);

}  // namespace thimble::feeds
