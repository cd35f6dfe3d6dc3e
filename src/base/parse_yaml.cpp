#include "thimble/base/parse_yaml.hpp"

#include <yaml-cpp/yaml.h>

#include <algorithm>
#include <charconv>
#include <string>
#include <utility>

namespace thimble {
namespace {

constexpr std::size_t kMostBytes = 256U << 10U;
constexpr int kMostValues = 20'000;
constexpr int kDeepest = 16;
constexpr std::size_t kMostMembers = 1000;

Error bad_yaml(const YAML::Mark& mark, const std::string& what) {
    const std::string where = mark.is_null() ? ""
                                             : "line " + std::to_string(mark.line + 1) + ", column "
            + std::to_string(mark.column + 1) + ": ";
    return failure(ErrorKind::Invalid, "base.bad_yaml", where + what);
}

JsonValue scalar_of(const YAML::Node& node) {
    const std::string& text = node.Scalar();
    if (node.Tag() != "?") {
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

class Reader {
public:
    Result<JsonValue> value_of(const YAML::Node& node, int depth) {
        if (++values_ > kMostValues) {
            return bad_yaml(node.Mark(), "there are more than 20000 values");
        }
        if (depth > kDeepest) {
            return bad_yaml(node.Mark(), "it is nested deeper than 16 levels");
        }
        switch (node.Type()) {
            case YAML::NodeType::Undefined:
            case YAML::NodeType::Null: return JsonValue{nullptr};
            case YAML::NodeType::Scalar: return scalar_of(node);
            case YAML::NodeType::Sequence: return array_of(node, depth);
            case YAML::NodeType::Map: return object_of(node, depth);
        }
        return JsonValue{nullptr};
    }

private:
    Result<JsonValue> array_of(const YAML::Node& node, int depth) {
        JsonValue::Array items;
        for (const YAML::Node& item : node) {
            THIMBLE_TRY(items.emplace_back(), value_of(item, depth + 1));
        }
        return JsonValue{std::move(items)};
    }

    Result<JsonValue> object_of(const YAML::Node& node, int depth) {
        JsonValue::Object members;
        for (const auto& member : node) {
            if (!member.first.IsScalar()) {
                return bad_yaml(member.first.Mark(), "a key is no text");
            }
            const std::string& name = member.first.Scalar();
            const bool is_repeated = std::ranges::any_of(
                members, [&](const auto& known) { return known.first == name; });
            if (members.size() == kMostMembers) {
                return bad_yaml(member.first.Mark(), "a mapping has more than 1000 keys");
            }
            if (is_repeated) {
                return bad_yaml(member.first.Mark(), "\"" + name + "\" is there twice");
            }
            THIMBLE_TRY(JsonValue value, value_of(member.second, depth + 1));
            members.emplace_back(name, std::move(value));
        }
        return JsonValue{std::move(members)};
    }

    int values_ = 0;
};

/// Of a document that was read before, so that its size is known.
void note_lines(
    const YAML::Node& node, const std::string& place, std::map<std::string, int>& lines) {
    if (node.IsSequence()) {
        for (std::size_t at = 0; at < node.size(); ++at) {
            const std::string item = place + "[" + std::to_string(at + 1) + "]";
            lines[item] = node[at].Mark().line + 1;
            note_lines(node[at], item, lines);
        }
    }
    if (node.IsMap()) {
        for (const auto& member : node) {
            std::string name = place;
            name.append(place.empty() ? "" : ".").append(member.first.Scalar());
            lines[name] = member.first.Mark().line + 1;
            note_lines(member.second, name, lines);
        }
    }
}

}  // namespace

std::map<std::string, int> lines_of_yaml(std::string_view text) {
    std::map<std::string, int> lines;
    if (!parse_yaml(text)) {
        return lines;
    }
    try {
        note_lines(YAML::Load(std::string(text)), "", lines);
    } catch (const YAML::Exception&) {
        lines.clear();
    }
    return lines;
}

Result<JsonValue> parse_yaml(std::string_view text) {
    if (text.size() > kMostBytes) {
        return bad_yaml(YAML::Mark::null_mark(), "it has more than 256 KiB");
    }
    try {
        const std::vector<YAML::Node> documents = YAML::LoadAll(std::string(text));
        if (documents.size() != 1) {
            return bad_yaml(
                YAML::Mark::null_mark(),
                documents.empty() ? "it is empty" : "it is more than one document");
        }
        return Reader().value_of(documents.front(), 1);
    } catch (const YAML::Exception& error) {
        return bad_yaml(error.mark, error.msg);
    }
}

}  // namespace thimble
