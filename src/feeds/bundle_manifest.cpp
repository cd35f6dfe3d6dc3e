#include "thimble/base/hex.hpp"
#include "thimble/feeds/archive_reader.hpp"
#include "thimble/feeds/bundle.hpp"
#include "thimble/feeds/feed_state_json.hpp"
#include "thimble/feeds/feed_table.hpp"
#include "thimble/feeds/record_text.hpp"

#include <algorithm>

namespace thimble::feeds {
namespace {

Error bad(std::string message) {
    return failure(ErrorKind::Corrupt, "feeds.bad_bundle", std::move(message));
}

Result<void> check_file(const FileState& file) {
    if (!refusal_of_name(file.path).empty() || file.path.size() > kMaxNameBytes) {
        return bad("the manifest has the path \"" + one_line(file.path, 100) + "\"");
    }
    if (!is_hex(file.sha256, kSha256Digits)) {
        return bad("the manifest has no digest for \"" + one_line(file.path, 100) + "\"");
    }
    return {};
}

}  // namespace

std::string format_manifest(const BundleManifest& manifest) {
    std::string text;
    JsonWriter json(text);
    json.open_object().key("format").number(1).member("kind", "thimble-feeds");
    json.member("created", format_instant(manifest.created)).key("feeds").open_array();
    for (const FeedState& feed : manifest.feeds) {
        write_state(json, feed);
    }
    json.close_array().close_object();
    text += '\n';
    return text;
}

Result<BundleManifest> parse_manifest(std::string_view json) {
    JsonScratch scratch;
    const PaddedText text(json);
    THIMBLE_TRY(
        const JsonValue root,
        parse_json(text.view(), ParseContext{"manifest.json", Limits{}, scratch}));
    const auto created = date_or_none(member_text(root, "created"));
    const auto feeds = member(root, "feeds");
    if (member_text(root, "kind") != "thimble-feeds" || !created || !feeds) {
        return bad("the manifest is not one of a bundle of feeds");
    }
    BundleManifest manifest{*created, {}};
    Result<void> checked;
    for_each_item(*feeds, [&](JsonValue value) {
        auto state = read_state(value);
        if (!state || feed_named(state->feed) == nullptr) {
            checked = bad("the manifest has a feed that is not known here");
            return;
        }
        for (const FileState& file : state->files) {
            checked = checked ? check_file(file) : checked;
        }
        manifest.feeds.push_back(*std::move(state));
    });
    THIMBLE_TRY(checked);
    return manifest;
}

}  // namespace thimble::feeds
