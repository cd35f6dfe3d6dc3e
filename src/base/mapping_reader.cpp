#include "thimble/base/mapping_reader.hpp"

#include <algorithm>
#include <utility>

namespace thimble {
namespace {

constexpr std::size_t kMostItems = 1000;
constexpr std::size_t kMostTextBytes = 1000;

bool is_plain(std::string_view text) {
    return std::ranges::none_of(text, [](char c) {
        const auto byte = static_cast<unsigned char>(c);
        return byte < 0x20 || byte == 0x7f;
    });
}

/// Whether something is said of a place, or of what is within it.
bool tells_of(const MappingErrors& errors, std::string_view place) {
    return std::ranges::any_of(errors, [place](const Error& told) {
        const std::string& text = told.message;
        return text.starts_with(place)
            && (text.size() == place.size() || text[place.size()] == ':'
                || text[place.size()] == '.' || text[place.size()] == '[');
    });
}

}  // namespace

// Before all loops over members: clang 19 must have met a whole value before it meets those of an object.
JsonValue empty_mapping() {
    JsonValue value{nullptr};
    value.value.emplace<JsonValue::Object>();
    return value;
}

MappingReader::MappingReader(
    const JsonValue& value, std::string place, std::string_view code, MappingErrors* errors)
    : object_(std::get_if<JsonValue::Object>(&value.value)),
      place_(std::move(place)),
      code_(code),
      errors_(errors) {}

const JsonValue* MappingReader::find(std::string_view name) {
    if (std::ranges::find(known_, name) == known_.end()) {
        known_.push_back(name);
    }
    if (object_ == nullptr) {
        return nullptr;
    }
    for (const auto& member : *object_) {
        if (member.first == name) {
            const bool is_null = std::holds_alternative<std::nullptr_t>(member.second.value);
            return is_null ? nullptr : &member.second;
        }
    }
    return nullptr;
}

std::string MappingReader::place_of(std::string_view name) const {
    return place_.empty() ? std::string(name) : place_ + "." + std::string(name);
}

Error MappingReader::bad(std::string_view name, std::string what) const {
    return failure(ErrorKind::Invalid, std::string(code_), place_of(name) + ": " + std::move(what));
}

Result<void> MappingReader::note(Error error) const {
    if (errors_ == nullptr || errors_->size() >= kMostMappingErrors) {
        return error;
    }
    // Of one place, and of what it is in, the first says enough.
    if (!tells_of(*errors_, error.message.substr(0, error.message.find(": ")))) {
        errors_->push_back(std::move(error));
    }
    return {};
}

Result<void> MappingReader::refuse(std::string_view name, std::string what) const {
    return note(bad(name, std::move(what)));
}

bool MappingReader::is_clean(std::string_view name) const {
    return errors_ == nullptr || !tells_of(*errors_, place_of(name));
}

bool MappingReader::is_clean() const {
    return errors_ == nullptr || (place_.empty() ? errors_->empty() : !tells_of(*errors_, place_));
}

Result<std::string> MappingReader::text_or(std::string_view name, std::string_view left_out) {
    const JsonValue* value = find(name);
    if (value == nullptr) {
        return std::string(left_out);
    }
    const auto* text = std::get_if<std::string>(&value->value);
    if (text == nullptr || text->size() > kMostTextBytes || !is_plain(*text)) {
        return otherwise(
            std::string(left_out),
            bad(name, "a text of one line is wanted (quote what looks like a number)"));
    }
    return *text;
}

Result<std::string> MappingReader::text(std::string_view name) {
    THIMBLE_TRY(std::string text, text_or(name, ""));
    if (text.empty()) {
        return otherwise(std::string(), bad(name, "it is missing"));
    }
    return text;
}

Result<std::string> MappingReader::block(std::string_view name, std::size_t most) {
    const JsonValue* value = find(name);
    if (value == nullptr) {
        return std::string();
    }
    const auto* text = std::get_if<std::string>(&value->value);
    if (text == nullptr || text->size() > most) {
        return otherwise(
            std::string(),
            bad(name, "a text of at most " + std::to_string(most) + " bytes is wanted"));
    }
    return *text;
}

Result<std::vector<std::string>> MappingReader::texts(std::string_view name) {
    const JsonValue* value = find(name);
    if (value == nullptr) {
        return std::vector<std::string>();
    }
    JsonValue::Array one;
    const auto* array = std::get_if<JsonValue::Array>(&value->value);
    if (array == nullptr) {
        one.push_back(*value);
        array = &one;
    }
    std::vector<std::string> texts;
    for (const JsonValue& item : *array) {
        const auto* text = std::get_if<std::string>(&item.value);
        const bool is_good = text != nullptr && !text->empty() && text->size() <= kMostTextBytes
            && is_plain(*text) && texts.size() < kMostItems;
        if (!is_good) {
            return otherwise(
                std::vector<std::string>(),
                bad(name,
                    "a list of at most 1000 texts is wanted (quote what looks like a number)"));
        }
        texts.push_back(*text);
    }
    if (texts.empty()) {
        return otherwise(
            std::vector<std::string>(), bad(name, "the list is empty: leave it out to mean all"));
    }
    return texts;
}

Result<std::uint32_t> MappingReader::count_or(
    std::string_view name, std::uint32_t left_out, std::uint32_t most) {
    const JsonValue* value = find(name);
    if (value == nullptr) {
        return left_out;
    }
    const auto* number = std::get_if<std::int64_t>(&value->value);
    if (number == nullptr || *number < 0 || *number > most) {
        return otherwise(
            left_out, bad(name, "a whole number from 0 to " + std::to_string(most) + " is wanted"));
    }
    return static_cast<std::uint32_t>(*number);
}

Result<int> MappingReader::whole_number_or(std::string_view name, int left_out) {
    constexpr std::int64_t kMost = 1'000'000;
    const JsonValue* value = find(name);
    if (value == nullptr) {
        return left_out;
    }
    const auto* number = std::get_if<std::int64_t>(&value->value);
    if (number == nullptr || *number < -kMost || *number > kMost) {
        return otherwise(left_out, bad(name, "a whole number is wanted"));
    }
    return static_cast<int>(*number);
}

Result<const JsonValue::Array*> MappingReader::array_of(std::string_view name) {
    const JsonValue* value = find(name);
    if (value == nullptr) {
        return nullptr;
    }
    const auto* array = std::get_if<JsonValue::Array>(&value->value);
    if (array == nullptr || array->size() > kMostItems) {
        return otherwise<const JsonValue::Array*>(
            nullptr, bad(name, "a list of at most 1000 items is wanted"));
    }
    return array;
}

Result<void> MappingReader::done() const {
    if (object_ == nullptr) {
        return note(failure(
            ErrorKind::Invalid,
            std::string(code_),
            (place_.empty() ? "the document" : place_) + ": a mapping is wanted"));
    }
    for (const auto& member : *object_) {
        if (std::ranges::find(known_, member.first) == known_.end()) {
            std::string names;
            for (const std::string_view name : known_) {
                names.append(names.empty() ? "" : ", ").append(name);
            }
            THIMBLE_TRY(note(bad(member.first, "it is not known here; what is: " + names)));
        }
    }
    return {};
}

}  // namespace thimble
