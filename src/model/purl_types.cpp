#include "thimble/model/detail/purl_types.hpp"

#include "thimble/base/error.hpp"
#include "thimble/base/result.hpp"
#include "thimble/model/detail/version_text.hpp"
#include "thimble/model/purl.hpp"

#include <algorithm>
#include <array>
#include <cstddef>
#include <cstdint>
#include <string>
#include <string_view>
#include <utility>

namespace thimble::model::detail {

namespace {

enum class Need : std::uint8_t { Prohibited, Optional, Required };

/// Which parts are without regard to case, hence lower case in the canonical form.
struct Folds {
    bool name_space = false;
    bool name = false;
    bool version = false;
};

struct Type {
    std::string_view name;
    Need name_space = Need::Optional;
    Folds folds = {};
    // NOLINTNEXTLINE(readability-redundant-member-init): g++ warns of rows that leave it out
    std::string_view qualifier = {};                ///< one that must be there; empty: none
    Result<void> (*special)(Purl& purl) = nullptr;  ///< what the columns cannot say
};

void lower(std::string& text) {
    std::ranges::transform(text, text.begin(), to_lower);
}

Result<void> dash_for_underscore(Purl& purl) {
    std::ranges::replace(purl.name, '_', '-');
    return {};
}

Result<void> underscore_for_others(Purl& purl) {
    std::ranges::replace_if(purl.name, [](char c) { return !is_alnum(c); }, '_');
    return {};
}

Result<void> check_cpan(Purl& purl) {
    if (purl.name.contains("::")) {
        return bad_purl("a cpan name is a distribution, not a module with '::'");
    }
    for (char& c : purl.name_space) {
        c = is_lower(c) ? static_cast<char>(c - 'a' + 'A') : c;
    }
    return {};
}

// One to four numbers joined by dots.
bool is_chrome_version(std::string_view version) {
    for (int parts = 0; parts < 4; ++parts) {
        if (take_digits(version).empty()) {
            return false;
        }
        if (version.empty()) {
            return true;
        }
        if (version.front() != '.') {
            return false;
        }
        version.remove_prefix(1);
    }
    return false;
}

Result<void> check_chrome_extension(Purl& purl) {
    constexpr std::size_t kIdLength = 32;
    if (purl.name.size() != kIdLength
        || !std::ranges::all_of(purl.name, [](char c) { return c >= 'a' && c <= 'p'; })) {
        return bad_purl("a chrome-extension name is 32 letters from a to p");
    }
    if (!purl.version.empty() && !is_chrome_version(purl.version)) {
        return bad_purl("a chrome-extension version is one to four numbers");
    }
    return {};
}

// Databricks ignores the case of model names, Azure ML does not.
Result<void> fold_mlflow(Purl& purl) {
    const auto repository = purl.qualifiers.find("repository_url");
    if (repository != purl.qualifiers.end() && repository->second.contains("databricks")) {
        lower(purl.name);
    }
    return {};
}

// The namespace is the host; the whole path on it is the name.
Result<void> split_git_path(Purl& purl) {
    if (const auto slash = purl.name_space.find('/'); slash != std::string::npos) {
        purl.name = purl.name_space.substr(slash + 1) + "/" + purl.name;
        purl.name_space.resize(slash);
    }
    return {};
}

Result<void> fold_otp_subpath(Purl& purl) {
    lower(purl.subpath);
    return {};
}

constexpr Folds kName{.name = true};
constexpr Folds kNames{.name_space = true, .name = true};
constexpr Folds kNameSpace{.name_space = true};
constexpr Folds kNone{};

constexpr std::array kTypes = {
    Type{"alpm", Need::Required, kNames},
    Type{"apk", Need::Required, kNames},
    Type{"bazel", Need::Prohibited},
    Type{"bitbucket", Need::Required, kNames},
    Type{"bitnami", Need::Prohibited, kName},
    Type{"brew", Need::Optional, kNames},
    Type{"cargo", Need::Prohibited},
    Type{"chrome-extension", Need::Prohibited, kName, "", check_chrome_extension},
    Type{"cocoapods", Need::Prohibited},
    Type{"composer", Need::Required, kNames},
    Type{"conda", Need::Prohibited},
    Type{"cpan", Need::Optional, kNone, "", check_cpan},
    Type{"cran", Need::Prohibited},
    Type{"deb", Need::Required, kNames},
    Type{"gem", Need::Prohibited},
    Type{"git", Need::Required, kNone, "", split_git_path},
    Type{"github", Need::Required, kNames},
    // The definition requires a namespace, but module paths of one element exist: "stdlib".
    Type{"golang", Need::Optional},
    Type{"hackage", Need::Prohibited, kNone, "", dash_for_underscore},
    Type{"hex", Need::Optional, kNames},
    Type{"huggingface", Need::Required, Folds{.version = true}},
    Type{"julia", Need::Prohibited, kNone, "uuid"},
    Type{"luarocks", Need::Optional, kNames},
    Type{"maven", Need::Required},
    Type{"mlflow", Need::Prohibited, kNone, "", fold_mlflow},
    Type{"nuget", Need::Prohibited},
    Type{"oci", Need::Prohibited, Folds{.name = true, .version = true}},
    Type{"opam", Need::Prohibited},
    Type{"otp", Need::Prohibited, kName, "", fold_otp_subpath},
    Type{"pub", Need::Prohibited, kName, "", underscore_for_others},
    Type{"pypi", Need::Prohibited, Folds{.name = true, .version = true}, "", dash_for_underscore},
    Type{"qpkg", Need::Required, kNameSpace},
    Type{"rpm", Need::Required, kNameSpace},
    Type{"swid", Need::Optional, kNone, "tag_id"},
    Type{"swift", Need::Required},
    Type{"vcpkg", Need::Prohibited},
    Type{
        "vscode-extension",
        Need::Required,
        Folds{.name_space = true, .name = true, .version = true}},
    Type{"yocto", Need::Optional, kNameSpace},
};

void fold(const Folds& folds, Purl& purl) {
    if (folds.name_space) {
        lower(purl.name_space);
    }
    if (folds.name) {
        lower(purl.name);
    }
    if (folds.version) {
        lower(purl.version);
    }
}

}  // namespace

Error bad_purl(std::string reason) {
    return failure(ErrorKind::Invalid, "model.bad_purl", std::move(reason));
}

bool purl_name_is_path(std::string_view type) {
    return type == "git";
}

Result<Purl> apply_purl_type(Purl purl) {
    const auto* type = std::ranges::find(kTypes, purl.type, &Type::name);
    if (type == kTypes.end()) {
        return purl;
    }
    if (type->name_space == Need::Required && purl.name_space.empty()) {
        return bad_purl("type " + purl.type + " requires a namespace");
    }
    if (type->name_space == Need::Prohibited && !purl.name_space.empty()) {
        return bad_purl("type " + purl.type + " has no namespace");
    }
    if (!type->qualifier.empty() && !purl.qualifiers.contains(std::string(type->qualifier))) {
        return bad_purl(
            "type " + purl.type + " requires the qualifier " + std::string(type->qualifier));
    }
    fold(type->folds, purl);
    if (type->special != nullptr) {
        THIMBLE_TRY(type->special(purl));
    }
    return purl;
}

}  // namespace thimble::model::detail
