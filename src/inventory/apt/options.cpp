#include "options.hpp"

#include "thimble/base/error.hpp"
#include "thimble/base/lines.hpp"
#include "thimble/base/result.hpp"

#include <algorithm>
#include <cstddef>
#include <filesystem>
#include <span>
#include <string_view>
#include <system_error>
#include <vector>

namespace thimble::inventory::apt {
namespace {

Error usage(std::string_view what) {
    return failure(ErrorKind::Invalid, "inventory.apt_usage", std::string(what));
}

std::vector<std::string> split_at_commas(std::string_view text) {
    std::vector<std::string> parts;
    while (!text.empty()) {
        const std::string_view part = text.substr(0, text.find(','));
        if (!part.empty()) {
            parts.emplace_back(part);
        }
        text.remove_prefix(std::min(text.size(), part.size() + 1));
    }
    return parts;
}

Result<void> set(Options& options, std::string_view name, std::string_view value) {
    if (name == "--root") {
        // apt takes a relative folder for one below its own.
        std::error_code error;
        options.root = std::filesystem::absolute(value, error).string();
    } else if (name == "--architectures") {
        options.architectures = split_at_commas(value);
    } else if (name == "--machine-id") {
        options.machine_id = value;
    } else if (name == "--cache") {
        std::error_code error;
        options.cache = std::filesystem::absolute(value, error).string();
        std::filesystem::create_directories(options.cache, error);
    } else if (name == "--time-limit") {
        const auto seconds = number_in<int>(value);
        if (!seconds || *seconds < 1) {
            return usage("--time-limit needs seconds");
        }
        options.time_limit = std::chrono::seconds(*seconds);
    } else if (name == "--folder") {
        options.folder = value;
    } else if (name == "--status-fd") {
        const auto number = number_in<int>(value);
        if (!number || *number < 3) {
            return usage("--status-fd needs a descriptor above 2");
        }
        options.status_descriptor = *number;
    } else {
        return usage("unknown option " + std::string(name));
    }
    return {};
}

/// The verb at the front of the arguments, which lose it.
Verb take_verb(std::span<const char* const>& arguments) {
    const std::string_view verb = arguments.empty() ? "" : arguments.front();
    if (verb != "resolve" && verb != "fetch") {
        return Verb::Offers;
    }
    arguments = arguments.subspan(1);
    return verb == "resolve" ? Verb::Resolve : Verb::Fetch;
}

Result<void> check(const Options& options) {
    if ((!options.root.empty() || options.archive) && options.architectures.empty()) {
        return usage("--root needs --architectures, since nothing in a root is executed");
    }
    if (options.archive && (!options.root.empty() || options.changelogs)) {
        return usage("--archive goes neither with --root nor with --changelogs");
    }
    if (options.changelogs && options.cache.empty()) {
        return usage("--changelogs needs --cache");
    }
    if ((options.verb == Verb::Fetch) != options.folder.starts_with('/')) {
        return usage("fetch needs --folder with an absolute path, and nothing else has one");
    }
    return {};
}

}  // namespace

Result<Options> parse_options(std::span<const char* const> arguments) {
    Options options;
    options.verb = take_verb(arguments);
    for (std::size_t at = 0; at < arguments.size(); ++at) {
        const std::string_view name = arguments[at];
        if (name == "--archive") {
            options.archive = true;
            continue;
        }
        if (name == "--changelogs") {
            options.changelogs = true;
            continue;
        }
        if (at + 1 == arguments.size()) {
            return usage("unknown option, or its value is missing: " + std::string(name));
        }
        THIMBLE_TRY(set(options, name, arguments[++at]));
    }
    THIMBLE_TRY(check(options));
    return options;
}

}  // namespace thimble::inventory::apt
