#include "thimble/apply/origin_patterns.hpp"

#include "thimble/base/shell_word.hpp"
#include "thimble/base/utf8.hpp"

#include <fnmatch.h>

#include <algorithm>
#include <array>
#include <optional>
#include <utility>

namespace thimble::apply {
namespace {

constexpr std::size_t kMostLetters = 500;

/// A key, its names, and what it looks at.
struct KeyRow {
    OriginKey key;
    std::string_view name;
    std::string_view other_name;  ///< that apt's preferences or Release files use
    char letter;                  ///< that unattended upgrades use; none: '\0'
    std::string model::OfferOrigin::* value;
};
constexpr std::array kKeys{
    KeyRow{OriginKey::Origin, "origin", "origin", 'o', &model::OfferOrigin::origin},
    KeyRow{OriginKey::Label, "label", "label", 'l', &model::OfferOrigin::label},
    KeyRow{OriginKey::Suite, "suite", "archive", 'a', &model::OfferOrigin::archive},
    KeyRow{OriginKey::Codename, "codename", "codename", 'n', &model::OfferOrigin::codename},
    KeyRow{OriginKey::Component, "component", "component", 'c', &model::OfferOrigin::component},
    KeyRow{OriginKey::Site, "site", "site", '\0', &model::OfferOrigin::site},
};

constexpr std::string_view kId = "${distro_id}";
constexpr std::string_view kCodename = "${distro_codename}";

Error bad_origin(std::string_view text, const std::string& why) {
    return failure(
        ErrorKind::Invalid,
        "apply.bad_origin",
        "--origin " + shell_word(printable(text, kMostLetters)) + ": " + why
            + "; give KEY=GLOB[,KEY=GLOB...] with the keys origin (o), label (l), suite (archive, a), "
              "codename (n), component (c) and site, in single quotes where a glob has "
            + std::string(kId) + " or " + std::string(kCodename));
}

const KeyRow& row_of(OriginKey key) {
    return *std::ranges::find(kKeys, key, &KeyRow::key);
}

const KeyRow* row_named(std::string_view name) {
    const auto* const found = std::ranges::find_if(kKeys, [name](const KeyRow& row) {
        return name == row.name || name == row.other_name
            || (row.letter != '\0' && name == std::string_view(&row.letter, 1));
    });
    return found == kKeys.end() ? nullptr : found;
}

/// The first variable of a glob that stands for nothing; none: all are known.
std::optional<std::string_view> unknown_variable(std::string_view glob) {
    for (std::size_t at = glob.find("${"); at != std::string_view::npos;
         at = glob.find("${", at + 1)) {
        const std::string_view rest = glob.substr(at);
        if (!rest.starts_with(kId) && !rest.starts_with(kCodename)) {
            return rest.substr(0, std::min(rest.find('}'), rest.size() - 1) + 1);
        }
    }
    return std::nullopt;
}

Result<OriginPart> parse_part(std::string_view text, std::string_view part) {
    part.remove_prefix(std::min(part.find_first_not_of(' '), part.size()));
    const std::size_t equals = part.find('=');
    if (equals == std::string_view::npos) {
        return bad_origin(text, "'" + printable(part) + "' is no KEY=GLOB");
    }
    const std::string_view key = part.substr(0, equals);
    const std::string_view glob = part.substr(equals + 1);
    const KeyRow* const row = row_named(key);
    if (row == nullptr) {
        return bad_origin(text, "there is no key '" + printable(key) + "'");
    }
    if (glob.empty()) {
        return bad_origin(text, "nothing stands behind " + printable(key) + "=");
    }
    if (const auto variable = unknown_variable(glob)) {
        return bad_origin(text, "there is no " + printable(*variable));
    }
    return OriginPart{.key = row->key, .glob = std::string(glob)};
}

/// Replaces every `variable`.
/// @param value  of os-release, which tells a word or nothing
Result<std::string> filled(std::string glob, std::string_view variable, const std::string& value) {
    const bool is_word = !value.empty() && std::ranges::all_of(value, [](char c) {
        return (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z') || (c >= '0' && c <= '9')
            || c == '-' || c == '.' || c == '_';
    });
    for (std::size_t at = glob.find(variable); at != std::string::npos; at = glob.find(variable)) {
        if (!is_word) {
            return failure(
                ErrorKind::Invalid,
                "apply.origin_not_known",
                "--origin: the os-release of this host does not tell what " + std::string(variable)
                    + " is; write the word itself");
        }
        glob.replace(at, variable.size(), value);
    }
    return glob;
}

bool matches(const OriginPattern& pattern, const model::OfferOrigin& archive) {
    return std::ranges::all_of(pattern.parts, [&archive](const OriginPart& part) {
        const std::string& value = archive.*row_of(part.key).value;
        return ::fnmatch(part.glob.c_str(), value.c_str(), FNM_CASEFOLD) == 0;
    });
}

/// The archive that is named for a version: one that is trusted, where there is one.
const model::OfferOrigin* named_archive(std::span<const model::OfferOrigin> archives) {
    const auto trusted = std::ranges::find_if(archives, &model::OfferOrigin::trusted);
    const auto at = trusted == archives.end() ? archives.begin() : trusted;
    return at == archives.end() ? nullptr : &*at;
}

/// The key that tells an archive from those beside it: Ubuntu calls all of a release by one codename, Debian's suites move on.
OriginKey telling_key(const model::OfferOrigin& archive) {
    const bool is_pocket =
        !archive.archive.empty() && archive.archive.starts_with(archive.codename);
    return is_pocket ? OriginKey::Suite : OriginKey::Codename;
}

/// A glob that matches the value: what has a meaning in a glob or a pattern becomes "any character".
std::string glob_of(std::string value) {
    std::ranges::replace_if(
        value,
        [](char c) {
            return std::string_view("*?[]\\,$").contains(c) || static_cast<unsigned char>(c) < ' '
                || static_cast<unsigned char>(c) >= 0x7f;
        },
        '?');
    return value;
}

}  // namespace

Result<OriginPattern> parse_origin_pattern(std::string_view text) {
    const bool is_text = std::ranges::all_of(
        text, [](char c) { return static_cast<unsigned char>(c) >= ' ' && c != '\x7f'; });
    if (text.size() > kMostLetters || !is_text) {
        return bad_origin(text, "it is no line of at most 500 letters");
    }
    OriginPattern pattern;
    for (std::string_view rest = text;;) {
        const std::size_t comma = rest.find(',');
        THIMBLE_TRY(pattern.parts.emplace_back(), parse_part(text, rest.substr(0, comma)));
        if (comma == std::string_view::npos) {
            return pattern;
        }
        rest.remove_prefix(comma + 1);
    }
}

Result<std::vector<OriginPattern>> parse_origin_patterns(std::span<const std::string> texts) {
    std::vector<OriginPattern> patterns;
    for (const std::string& text : texts) {
        THIMBLE_TRY(patterns.emplace_back(), parse_origin_pattern(text));
    }
    return patterns;
}

std::string format_origin_pattern(const OriginPattern& pattern) {
    std::string text;
    for (const OriginPart& part : pattern.parts) {
        text += text.empty() ? "" : ",";
        text.append(row_of(part.key).name).append("=").append(part.glob);
    }
    return text;
}

Result<OriginPattern> fill_origin_pattern(OriginPattern pattern, const model::OsRelease& os) {
    for (OriginPart& part : pattern.parts) {
        THIMBLE_TRY(part.glob, filled(std::move(part.glob), kId, os.id));
        THIMBLE_TRY(part.glob, filled(std::move(part.glob), kCodename, os.version_codename));
    }
    return pattern;
}

bool allows_origin(
    std::span<const OriginPattern> patterns, std::span<const model::OfferOrigin> archives) {
    if (patterns.empty()) {
        return true;
    }
    const bool is_signed = std::ranges::any_of(archives, &model::OfferOrigin::trusted);
    return std::ranges::any_of(archives, [&](const model::OfferOrigin& archive) {
        return (archive.trusted || !is_signed)
            && std::ranges::any_of(patterns, [&archive](const OriginPattern& pattern) {
                   return matches(pattern, archive);
               });
    });
}

std::string archive_words(std::span<const model::OfferOrigin> archives) {
    const model::OfferOrigin* const at = named_archive(archives);
    if (at == nullptr) {
        return {};
    }
    const std::string& maker = at->label.empty() ? at->origin : at->label;
    const std::string& suite = (*at).*row_of(telling_key(*at)).value;
    std::string words = maker.empty() ? at->site : maker;
    if (!suite.empty()) {
        words += words.empty() ? suite : " " + suite;
    }
    return words;
}

std::string origin_refusal(std::string_view version, std::span<const model::OfferOrigin> archives) {
    const std::string words = archive_words(archives);
    return std::string(version) + " comes from "
        + (words.empty() ? "an archive without a name" : printable(words))
        + ", which no --origin allows";
}

OriginPattern origin_pattern_of(std::span<const model::OfferOrigin> archives) {
    OriginPattern pattern;
    const model::OfferOrigin* const archive = named_archive(archives);
    const auto add = [&](OriginKey key) {
        const std::string& value = (*archive).*row_of(key).value;
        if (!value.empty()) {
            pattern.parts.push_back({key, glob_of(value)});
        }
    };
    if (archive != nullptr) {
        add(OriginKey::Origin);
        add(OriginKey::Label);
        add(telling_key(*archive));
        if (pattern.parts.empty()) {
            add(OriginKey::Site);
        }
    }
    if (pattern.parts.empty()) {
        pattern.parts.push_back(
            {OriginKey::Origin, "*"});  // it says nothing by which others differ
    }
    return pattern;
}

std::string origin_to_add(std::span<const model::OfferOrigin> archives) {
    return "--origin " + shell_word(format_origin_pattern(origin_pattern_of(archives)));
}

model::PlanProblem origin_problem(
    std::string_view version, std::span<const model::OfferOrigin> archives) {
    return {
        "apply.origin_not_allowed",
        origin_refusal(version, archives),
        "Allow that archive, too: " + origin_to_add(archives)
            + ", or leave out what needs it: --exclude"};
}

}  // namespace thimble::apply
