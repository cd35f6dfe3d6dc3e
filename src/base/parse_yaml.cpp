#include "thimble/base/parse_yaml.hpp"

#include <yaml-cpp/eventhandler.h>
#include <yaml-cpp/yaml.h>

#include <algorithm>
#include <array>
#include <charconv>
#include <sstream>
#include <string>
#include <utility>
#include <vector>

namespace thimble {
namespace {

constexpr std::size_t kMostBytes = 256U << 10U;
constexpr std::size_t kMostValues = 20'000;
constexpr std::size_t kDeepest = 16;
constexpr std::size_t kMostMembers = 1000;
constexpr std::size_t kLongestKey = 256;  // bytes; a place that an error names holds it
/// What the library calls a value without a tag, plain or quoted; and the tags that say what it is anyway.
constexpr std::array<std::string_view, 6> kTags{
    "", "?", "!", "tag:yaml.org,2002:str", "tag:yaml.org,2002:seq", "tag:yaml.org,2002:map"};

Error bad_yaml(const YAML::Mark& mark, const std::string& what) {
    const std::string where = mark.is_null() ? ""
                                             : "line " + std::to_string(mark.line + 1) + ", column "
            + std::to_string(mark.column + 1) + ": ";
    return failure(ErrorKind::Invalid, "base.bad_yaml", where + what);
}

/// Ends the reading from within a call of the library, which lets it through to parse_yaml.
[[noreturn]] void stop(const YAML::Mark& mark, const std::string& what) {
    throw YAML::ParserException(mark, what);
}

JsonValue scalar_of(const std::string& tag, const std::string& text) {
    if (tag != "?") {
        return {text};
    }
    if (text.empty() || text == "~" || text == "null") {
        return {nullptr};
    }
    if (text == "true" || text == "false") {
        return {text == "true"};
    }
    std::int64_t number = 0;
    const char* end = text.data() + text.size();
    const auto read = std::from_chars(text.data(), end, number);
    if (read.ec == std::errc() && read.ptr == end) {
        return {number};
    }
    return {text};
}

/// Makes values of what the parser meets, and stops it at the first that is too much: nothing is built that is
/// refused later.
class Builder : public YAML::EventHandler {
public:
    /// @param lines  gets the line of each member; none: nobody asks
    explicit Builder(std::map<std::string, int>* lines) : lines_(lines) {}

    /// Of a document that was read to its end.
    JsonValue take() { return std::move(document_); }

    void OnDocumentStart(const YAML::Mark& mark) override {
        // The library goes on with whatever it could not place, without end where it cannot be placed at all.
        if (++documents_ > 1) {
            stop(mark, "it ends here: more documents or what belongs to none are not read");
        }
    }
    void OnDocumentEnd() override {}

    void OnNull(const YAML::Mark& mark, YAML::anchor_t anchor) override {
        begin(mark, {}, anchor, false);
        put(mark, {nullptr});
    }
    void OnAlias(const YAML::Mark& mark, YAML::anchor_t /*anchor*/) override {
        refuse_anchor(mark);
    }
    void OnScalar(
        const YAML::Mark& mark,
        const std::string& tag,
        YAML::anchor_t anchor,
        const std::string& value) override {
        const bool is_key = is_at_key();
        begin(mark, tag, anchor, true);
        if (is_key) {
            put_key(mark, value);
        } else {
            put(mark, scalar_of(tag, value));
        }
    }
    void OnSequenceStart(
        const YAML::Mark& mark,
        const std::string& tag,
        YAML::anchor_t anchor,
        YAML::EmitterStyle::value /*style*/) override {
        begin(mark, tag, anchor, false);
        open(mark, false);
    }
    void OnSequenceEnd() override { close(); }
    void OnMapStart(
        const YAML::Mark& mark,
        const std::string& tag,
        YAML::anchor_t anchor,
        YAML::EmitterStyle::value /*style*/) override {
        begin(mark, tag, anchor, false);
        open(mark, true);
    }
    void OnMapEnd() override { close(); }

private:
    /// A sequence or mapping whose end has not come.
    struct Open {
        bool is_mapping = false;
        bool has_key = false;  ///< its value comes next
        std::string key;
        JsonValue::Array items;
        JsonValue::Object members;
        std::string place;  ///< when somebody asks for lines
    };

    [[noreturn]] static void refuse_anchor(const YAML::Mark& mark) {
        stop(mark, "anchors and aliases (&, *) are not read: write out what is meant");
    }

    [[nodiscard]] bool is_at_key() const {
        return !open_.empty() && open_.back().is_mapping && !open_.back().has_key;
    }

    /// What is asked of every value.
    void begin(
        const YAML::Mark& mark, std::string_view tag, YAML::anchor_t anchor, bool can_be_key) {
        if (anchor != YAML::NullAnchor) {
            refuse_anchor(mark);
        }
        if (is_at_key() && !can_be_key) {
            stop(mark, "a key is no text");
        }
        if (std::ranges::find(kTags, tag) == kTags.end()) {
            stop(mark, "tags of types are not read");
        }
        if (!is_at_key() && ++values_ > kMostValues) {
            stop(mark, "there are more than 20000 values");
        }
        if (open_.size() >= kDeepest) {
            stop(mark, "it is nested deeper than 16 levels");
        }
    }

    void put_key(const YAML::Mark& mark, const std::string& name) {
        Open& mapping = open_.back();
        if (name.size() > kLongestKey) {
            stop(mark, "a key is longer than 256 bytes");
        }
        const bool is_repeated = std::ranges::any_of(
            mapping.members, [&](const auto& known) { return known.first == name; });
        if (mapping.members.size() == kMostMembers) {
            stop(mark, "a mapping has more than 1000 keys");
        }
        if (is_repeated) {
            stop(mark, "\"" + name + "\" is there twice");
        }
        mapping.key = name;
        mapping.has_key = true;
        if (lines_ != nullptr) {
            (*lines_)[place_of_next()] = mark.line + 1;
        }
    }

    /// "rings[2].share"
    [[nodiscard]] std::string place_of_next() const {
        if (open_.empty()) {
            return {};
        }
        const Open& last = open_.back();
        return last.is_mapping ? last.place + (last.place.empty() ? "" : ".") + last.key
                               : last.place + "[" + std::to_string(last.items.size() + 1) + "]";
    }

    /// The line of an item; that of a member is its key's.
    void note_item(const YAML::Mark& mark) {
        if (lines_ != nullptr && !open_.empty() && !open_.back().is_mapping) {
            (*lines_)[place_of_next()] = mark.line + 1;
        }
    }

    void put(const YAML::Mark& mark, JsonValue value) {
        note_item(mark);
        add(std::move(value));
    }

    void add(JsonValue value) {
        if (open_.empty()) {
            document_ = std::move(value);
            return;
        }
        Open& last = open_.back();
        if (last.is_mapping) {
            last.members.emplace_back(std::exchange(last.key, {}), std::move(value));
            last.has_key = false;
        } else {
            last.items.push_back(std::move(value));
        }
    }

    void open(const YAML::Mark& mark, bool is_mapping) {
        note_item(mark);
        Open next;
        next.is_mapping = is_mapping;
        if (lines_ != nullptr) {
            next.place = place_of_next();
        }
        open_.push_back(std::move(next));
    }

    void close() {
        Open last = std::move(open_.back());
        open_.pop_back();
        add(last.is_mapping ? JsonValue{std::move(last.members)}
                            : JsonValue{std::move(last.items)});
    }

    std::map<std::string, int>* lines_;
    std::vector<Open> open_;
    JsonValue document_;
    std::size_t values_ = 0;
    int documents_ = 0;
};

Result<JsonValue> read(std::string_view text, std::map<std::string, int>* lines) {
    if (text.size() > kMostBytes) {
        return bad_yaml(YAML::Mark::null_mark(), "it has more than 256 KiB");
    }
    try {
        std::istringstream stream{std::string(text)};
        YAML::Parser parser(stream);
        Builder builder(lines);
        if (!parser.HandleNextDocument(builder)) {
            return bad_yaml(YAML::Mark::null_mark(), "it is empty");
        }
        // The next one is refused where it begins.
        parser.HandleNextDocument(builder);
        return builder.take();
    } catch (const YAML::Exception& error) {
        return bad_yaml(error.mark, error.msg);
    }
}

}  // namespace

std::map<std::string, int> lines_of_yaml(std::string_view text) {
    std::map<std::string, int> lines;
    if (!read(text, &lines)) {
        lines.clear();
    }
    return lines;
}

Result<JsonValue> parse_yaml(std::string_view text) {
    return read(text, nullptr);
}

}  // namespace thimble
