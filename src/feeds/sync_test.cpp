#include "thimble/feeds/sync.hpp"

#include "thimble/feeds/archive_builder.hpp"
#include "thimble/feeds/archive_reader.hpp"
#include "thimble/feeds/bundle.hpp"
#include "thimble/feeds/mirror.hpp"
#include "thimble/feeds/scratch_folder.hpp"
#include "thimble/feeds/state_files.hpp"
#include "thimble/feeds/test_server.hpp"

#include <fcntl.h>
#include <gtest/gtest.h>
#include <sys/stat.h>

#include <array>
#include <chrono>
#include <string>
#include <utility>

namespace thimble::feeds {
namespace {

namespace fs = std::filesystem;
using std::chrono::hours;

class FixedClock final : public Clock {
public:
    explicit FixedClock(Instant now) : now_(now) {}
    [[nodiscard]] Instant now() const override { return now_; }

private:
    Instant now_;
};

Instant at(std::string_view text) {
    return parse_instant(text).value();
}

std::string kev_catalog(std::string_view released, int entries) {
    std::string text = R"({"dateReleased":")" + std::string(released) + R"(","vulnerabilities":[)";
    for (int i = 0; i < entries; ++i) {
        text += (i > 0 ? "," : "") + std::string(R"({"cveID":"CVE-2026-)")
            + std::to_string(1000 + i) + R"(","dateAdded":"2026-01-01"})";
    }
    return text + "]}";
}

FeedSettings feed_settings(std::string_view name) {
    for (FeedSettings& feed : default_settings({"Debian"}).feeds) {
        if (feed.name == name) {
            return feed;
        }
    }
    ADD_FAILURE() << name;
    return {};
}

FeedSettings kev_from(const std::string& address) {
    FeedSettings kev = feed_settings("kev");
    kev.files.at(0).address = address;
    return kev;
}

SyncRequest request_for(const ScratchFolder& folder, FeedSettings feed) {
    SyncRequest request;
    request.state = folder / "state";
    request.feeds.push_back(std::move(feed));
    request.download.stall_timeout = std::chrono::seconds(1);
    return request;
}

FeedSync sync_one(const SyncRequest& request, std::string_view now = "2026-01-28") {
    auto synced = sync_feeds(request, FixedClock(at(now)), {});
    EXPECT_TRUE(synced) << synced.error().text();
    return synced ? synced->at(0) : FeedSync{};
}

fs::path kev_in_force(const SyncRequest& request) {
    return feed_data_folder(request.state, "kev") / "known_exploited_vulnerabilities.json";
}

TEST(SyncFeeds, PutsAVerifiedFileIntoForce) {
    const TestServer server([](const TestRequest&) {
        return http_response("200 OK", {"ETag: \"1\""}, kev_catalog("2026-01-27T20:00:00Z", 3));
    });
    const ScratchFolder folder;
    const SyncRequest request = request_for(folder, kev_from(server.address("/kev")));

    const FeedSync synced = sync_one(request);

    EXPECT_FALSE(synced.error);
    EXPECT_TRUE(synced.changed);
    EXPECT_EQ(synced.state.records(), 3U);
    EXPECT_EQ(synced.state.files.at(0).etag, "\"1\"");
    EXPECT_TRUE(fs::exists(kev_in_force(request)));
    EXPECT_EQ(load_state(request.state, "kev").value(), synced.state);
    EXPECT_FALSE(fs::exists(feed_folder(request.state, "kev") / "incoming"));
}

TEST(SyncFeeds, KeepsWhatIsInForceWhenNothingChanged) {
    const TestServer server([](const TestRequest& request) {
        return request.headers.contains("if-none-match")
            ? http_response("304 Not Modified", {}, "")
            : http_response("200 OK", {"ETag: \"1\""}, kev_catalog("2026-01-27", 3));
    });
    const ScratchFolder folder;
    const SyncRequest request = request_for(folder, kev_from(server.address("/kev")));
    sync_one(request, "2026-01-28");

    const FeedSync again = sync_one(request, "2026-01-29");

    EXPECT_FALSE(again.changed);
    EXPECT_FALSE(again.error);
    EXPECT_EQ(again.state.records(), 3U);
    EXPECT_EQ(again.state.last_success, at("2026-01-29"));
}

TEST(SyncFeeds, ABrokenArrivalLeavesTheLastGoodInForceAndSaysSo) {
    std::string body = kev_catalog("2026-01-27", 3);
    const TestServer server(
        [&body](const TestRequest&) { return http_response("200 OK", {}, body); });
    const ScratchFolder folder;
    const SyncRequest request = request_for(folder, kev_from(server.address("/kev")));
    sync_one(request, "2026-01-28");
    const std::string good = content_of(kev_in_force(request));

    for (const std::string& broken :
         {std::string("<html>maintenance</html>"),
          good.substr(0, good.size() / 2),
          kev_catalog("2026-01-29", 0)}) {
        body = broken;
        const FeedSync synced = sync_one(request, "2026-01-30");

        ASSERT_TRUE(synced.error) << broken;
        EXPECT_NE(synced.state.last_error.find("arrived broken"), std::string::npos);
        EXPECT_EQ(synced.state.records(), 3U);
        EXPECT_EQ(synced.state.last_success, at("2026-01-28"));
        EXPECT_EQ(content_of(kev_in_force(request)), good);
    }
}

TEST(SyncFeeds, CountsTheChangeAndKeepsQuarantineReasons) {
    std::string body = kev_catalog("2026-01-27", 3);
    const TestServer server(
        [&body](const TestRequest&) { return http_response("200 OK", {}, body); });
    const ScratchFolder folder;
    const SyncRequest request = request_for(folder, kev_from(server.address("/kev")));
    sync_one(request);
    body =
        R"({"vulnerabilities":[{"cveID":"CVE-2026-1000","dateAdded":"2026-01-01"},{"cveID":"x"}]})";

    const FeedSync synced = sync_one(request);

    EXPECT_EQ(synced.state.previous_records, 3U);
    EXPECT_EQ(synced.state.records(), 1U);
    EXPECT_EQ(synced.state.quarantined(), 1U);
    EXPECT_EQ(
        synced.state.files.at(0).quarantine,
        (std::vector<QuarantinedRecord>{{"x", "cveID is not a CVE id"}}));
}

TEST(SyncFeeds, OneFeedThatFailsDoesNotHinderTheOthers) {
    const TestServer server([](const TestRequest& request) {
        return request.path == "/kev"
            ? http_response("503 No", {}, "")
            : http_response("200 OK", {}, "cve,epss\nCVE-2020-0001,0.5\n");
    });
    const ScratchFolder folder;
    SyncRequest request = request_for(folder, kev_from(server.address("/kev")));
    request.feeds.push_back(feed_settings("epss"));
    request.feeds[1].files.at(0).address = server.address("/epss");

    const auto synced = sync_feeds(request, FixedClock(at("2026-01-28")), {});

    ASSERT_TRUE(synced);
    EXPECT_TRUE(synced->at(0).error);
    EXPECT_FALSE(synced->at(1).error);
    EXPECT_EQ(synced->at(1).state.records(), 1U);
}

TEST(SyncFeeds, TakesFileAddresses) {
    const ScratchFolder folder;
    const fs::path source = folder.write("my kev.json", kev_catalog("2026-01-27", 2));
    const SyncRequest request =
        request_for(folder, kev_from("file://" + folder.path().string() + "/my%20kev.json"));

    const FeedSync first = sync_one(request);
    const FeedSync second = sync_one(request);

    EXPECT_TRUE(first.changed);
    EXPECT_EQ(first.state.records(), 2U);
    EXPECT_FALSE(second.changed);
    EXPECT_TRUE(fs::exists(source));
}

TEST(SyncFeeds, TakesAMirrorUnderPublicNamesFirst) {
    const ScratchFolder folder;
    ArchiveBuilder zip(ArchiveBuilder::Kind::Zip);
    const std::string bytes = zip.add("DSA-1-1.json", R"({"id":"DSA-1-1"})").finish();
    folder.write("public/Debian/all.zip", bytes);
    folder.write("public/osv/Debian.zip", bytes);
    folder.write("other/osv/Debian.zip", bytes);
    folder.write("other/osv/npm.zip", bytes);
    SyncRequest request = request_for(folder, feed_settings("osv"));

    request.mirror = folder / "public";
    EXPECT_EQ(sync_one(request).state.files.at(0).path, "Debian/all.zip");
    request.mirror = folder / "other";
    const FeedSync other = sync_one(request);

    ASSERT_EQ(other.state.files.size(), 1U);
    EXPECT_EQ(other.state.files[0].path, "osv/Debian.zip");
    EXPECT_FALSE(fs::exists(feed_data_folder(request.state, "osv") / "Debian/all.zip"));
}

TEST(SyncFeeds, AgesACopyWithoutADateFromWhenItWasWritten) {
    const ScratchFolder folder;
    const auto file = folder.write(
        "mirror/exploits/cves.json", "{\"ID\":\"CVE-2000-0114\",\"file_path\":\"cves/a.yaml\"}\n");
    const timespec written{at("2026-01-10").time_since_epoch().count(), 0};
    const std::array<timespec, 2> times{written, written};
    ASSERT_EQ(::utimensat(AT_FDCWD, file.c_str(), times.data(), 0), 0);
    SyncRequest request = request_for(folder, feed_settings("nuclei"));
    request.mirror = folder / "mirror";

    const FeedSync first = sync_one(request, "2026-01-28");
    EXPECT_EQ(first.state.data_date(), at("2026-01-10"));
    EXPECT_FALSE(first.state.is_dated());

    const FeedSync later = sync_one(request, "2026-03-28");
    EXPECT_EQ(later.state.data_date(), at("2026-01-10")) << "another look makes it no younger";

    request.state = folder / "before";
    EXPECT_EQ(sync_one(request, "2026-01-01").state.data_date(), at("2026-01-01"))
        << "a clock that is ahead makes nothing younger than now";
}

TEST(SyncFeeds, TakesTheDateOfTheDataBeforeThatOfTheCopy) {
    const ScratchFolder folder;
    folder.write("mirror/kev/known_exploited_vulnerabilities.json", kev_catalog("2026-01-27", 3));
    SyncRequest request = request_for(folder, feed_settings("kev"));
    request.mirror = folder / "mirror";

    const FeedSync synced = sync_one(request, "2026-01-28");

    EXPECT_TRUE(synced.state.is_dated());
    EXPECT_EQ(synced.state.data_date(), at("2026-01-27"));
}

TEST(SyncFeeds, SaysThatAMirrorLacksAFeed) {
    const ScratchFolder folder;
    SyncRequest request = request_for(folder, feed_settings("osv"));
    request.mirror = folder.path();

    EXPECT_EQ(sync_one(request).error.value().code, "feeds.not_in_mirror");
}

TEST(SyncFeeds, OneAtATime) {
    const ScratchFolder folder;
    SyncRequest request = request_for(folder, feed_settings("kev"));
    ASSERT_TRUE(make_folder(request.state / "feeds"));
    const auto lock = FileLock::take(request.state / "feeds/.lock");
    ASSERT_TRUE(lock);

    const auto synced = sync_feeds(request, FixedClock(at("2026-01-28")), {});

    ASSERT_FALSE(synced);
    EXPECT_EQ(synced.error().code, "feeds.locked");
}

FeedState state_of(std::string_view success, std::string_view newest) {
    FeedState state;
    state.feed = "kev";
    state.last_success = at(success);
    FileState file;
    file.records = 1;
    file.newest = at(newest);
    state.files.push_back(file);
    return state;
}

TEST(FeedHealth, IsStaleByWhenItWasCheckedAndByItsOwnDate) {
    const Instant now = at("2026-01-28");
    const auto standing = [now](std::string_view success, std::string_view newest) {
        return feed_health(state_of(success, newest), hours(48), hours(240), now).standing;
    };

    EXPECT_EQ(standing("2026-01-27", "2026-01-20"), FeedStanding::Fresh);
    EXPECT_EQ(standing("2026-01-25", "2026-01-25"), FeedStanding::Stale);
    EXPECT_EQ(standing("2026-01-28", "2025-12-01"), FeedStanding::Stale);
    EXPECT_EQ(standing("2026-01-28", "2026-01-29"), FeedStanding::Fresh)
        << "a day begins elsewhere";
    EXPECT_EQ(standing("2026-01-28", "2026-02-01"), FeedStanding::Stale) << "it is to come";
    EXPECT_EQ(feed_health(FeedState{}, hours(1), hours(1), now).standing, FeedStanding::Absent);
}

TEST(FeedState, IsDatedWhenEveryFileIs) {
    FeedState state = state_of("2026-01-27", "2026-01-20");
    EXPECT_TRUE(state.is_dated());

    state.files[0].undated = true;
    EXPECT_FALSE(state.is_dated());

    state.files[0].undated = false;
    state.files.push_back({});
    EXPECT_FALSE(state.is_dated()) << "a file without any date";
}

TEST(FeedState, IsTheSameAfterWritingAndReading) {
    FeedState state = state_of("2026-01-27", "2026-01-20");
    state.last_error = "a \"quoted\" error";
    state.files[0].quarantine = {{"a", "b"}};
    state.files[0].undated = true;

    EXPECT_EQ(parse_state(format_state(state)).value(), state);
    EXPECT_EQ(parse_state("{}").error().code, "feeds.bad_state");
}

TEST(SettingsFrom, ChangesWhatTheDocumentNames) {
    const auto settings = settings_from(
        R"({"proxy":"http://p:1","osv_ecosystems":["Debian","Rocky Linux"],"feeds":{
            "osv":{"address":"https://mirror.example/{ecosystem}.zip","staleness_hours":5},
            "kev":{"enabled":false}}})",
        {});

    ASSERT_TRUE(settings);
    EXPECT_EQ(settings->proxy, "http://p:1");
    for (const FeedSettings& feed : settings->feeds) {
        if (feed.name == "osv") {
            EXPECT_EQ(feed.files.at(1).address, "https://mirror.example/Rocky%20Linux.zip");
            EXPECT_EQ(feed.files[1].path, "Rocky Linux/all.zip");
            EXPECT_EQ(feed.staleness_budget, hours(5));
        }
        EXPECT_EQ(feed.enabled, feed.name != "kev");
    }
}

TEST(SettingsFrom, RefusesWhatItDoesNotUnderstand) {
    for (const char* const text :
         {"[]",
          R"({"feeds":{"nope":{}}})",
          R"({"feeds":{"kev":{"address":"ftp://x/y"}}})",
          R"({"feeds":{"kev":{"staleness_hours":-1}}})",
          R"({"feeds":{"kev":{"colour":"red"}}})",
          R"({"osv_ecosystems":["../../etc"]})"}) {
        const auto settings = settings_from(text, {});
        ASSERT_FALSE(settings) << text;
        EXPECT_EQ(settings.error().code, "feeds.bad_configuration");
    }
}

TEST(DefaultSettings, StayOnHttps) {
    for (const FeedSettings& feed : default_settings({"Debian"}).feeds) {
        for (const RemoteFile& file : feed.files) {
            EXPECT_EQ(scheme_of(file.address), "https") << feed.name;
        }
        EXPECT_GT(feed.staleness_budget.count(), 0);
        EXPECT_GT(feed.max_download_bytes, 0U);
    }
}

/// A state with one feed in it, and a bundle of it.
struct Exported {
    ScratchFolder folder;
    fs::path state = folder / "from";
    fs::path bundle = folder / "bundle.tar.zst";
    PublicKey key;

    Exported() {
        folder.write(
            "mirror/kev/known_exploited_vulnerabilities.json", kev_catalog("2026-01-27", 3));
        SyncRequest request = request_for(folder, feed_settings("kev"));
        request.state = state;
        request.mirror = folder / "mirror";
        EXPECT_FALSE(sync_one(request, "2026-01-28").error);
        const auto signing = SigningKey::load_or_make(folder / "keys/k");
        EXPECT_TRUE(signing);
        key = signing->public_key();
        EXPECT_TRUE(export_bundle(state, bundle, *signing, at("2026-01-28")));
    }
    [[nodiscard]] ImportRequest import() const {
        return {folder / "to", bundle, {key}, false, Limits{}};
    }
};

TEST(ImportBundle, PutsTheSameFilesAndDatesIntoForce) {
    const Exported exported;

    const auto imported = import_bundle(exported.import());

    ASSERT_TRUE(imported) << imported.error().text();
    const FeedState state = load_state(exported.folder / "to", "kev").value();
    EXPECT_EQ(state.records(), 3U);
    EXPECT_EQ(state.last_success, at("2026-01-28"));
    const fs::path file = "kev/known_exploited_vulnerabilities.json";
    EXPECT_EQ(
        content_of(feed_data_folder(exported.folder / "to", "kev") / file),
        content_of(feed_data_folder(exported.state, "kev") / file));
}

TEST(ImportBundle, BelievesTrustedKeysOnly) {
    const Exported exported;
    ImportRequest request = exported.import();
    request.trusted = {PublicKey{}};

    const auto imported = import_bundle(request);

    ASSERT_FALSE(imported);
    EXPECT_EQ(imported.error().code, "feeds.untrusted_bundle");
    EXPECT_FALSE(fs::exists(feed_folder(request.state, "kev")));
}

TEST(ImportBundle, RefusesABundleCutAnywhere) {
    const Exported exported;
    const std::string whole = content_of(exported.bundle);
    const ImportRequest request = exported.import();

    for (std::size_t size = 0; size < whole.size(); size += whole.size() / 16) {
        exported.folder.write("bundle.tar.zst", whole.substr(0, size));
        EXPECT_FALSE(import_bundle(request)) << size;
        EXPECT_FALSE(fs::exists(feed_data_folder(request.state, "kev")));
    }
}

/// The manifest and the signature of an exported bundle, to build other bundles from.
struct Signed {
    std::string manifest;
    std::string signature;
};

Signed signed_part(const Exported& exported) {
    Signed part;
    UnpackedSoFar so_far;
    const auto take = [&part](std::string_view name, const PaddedText& text) -> Result<void> {
        if (name == "manifest.json") {
            part.manifest = text.view();
        } else if (name == "manifest.sig") {
            part.signature = text.view();
        }
        return {};
    };
    EXPECT_TRUE(read_members(
        exported.bundle, Limits{}, so_far, {[](std::string_view) { return true; }, take}));
    return part;
}

/// What an import says to a bundle of this signed part and one file; "" when it takes it.
std::string import_code(
    const Exported& exported,
    const Signed& part,
    const std::string& name,
    std::string_view content) {
    ArchiveBuilder archive(ArchiveBuilder::Kind::TarZstd);
    archive.add("manifest.json", part.manifest).add("manifest.sig", part.signature);
    if (!name.empty()) {
        archive.add(name, content);
    }
    exported.folder.write("bundle.tar.zst", archive.finish());
    const auto imported = import_bundle(exported.import());
    return imported ? "" : imported.error().code;
}

constexpr const char* kMember = "feeds/kev/kev/known_exploited_vulnerabilities.json";

TEST(ImportBundle, RefusesAnAlteredFileAlsoOfTheSameLength) {
    const Exported exported;
    const Signed part = signed_part(exported);

    EXPECT_EQ(import_code(exported, part, kMember, kev_catalog("2026-01-27", 3)), "");
    EXPECT_EQ(
        import_code(exported, part, kMember, kev_catalog("2026-01-28", 3)), "feeds.bad_bundle");
    EXPECT_EQ(
        import_code(exported, part, kMember, kev_catalog("2026-01-27", 4)), "feeds.bad_bundle");
}

TEST(ImportBundle, RefusesAFileThatIsNotListedAndAListedOneThatIsMissing) {
    const Exported exported;
    const Signed part = signed_part(exported);

    EXPECT_EQ(import_code(exported, part, "feeds/kev/other", "x"), "feeds.bad_bundle");
    EXPECT_EQ(import_code(exported, part, "", ""), "feeds.bad_bundle");
}

TEST(ImportBundle, RefusesAnAlteredManifest) {
    const Exported exported;
    Signed part = signed_part(exported);
    part.manifest += " ";

    EXPECT_EQ(
        import_code(exported, part, kMember, kev_catalog("2026-01-27", 3)),
        "feeds.untrusted_bundle");
}

TEST(ImportBundle, RefusesWhatIsOlderUnlessTold) {
    const Exported exported;
    ImportRequest request = exported.import();
    SyncRequest newer = request_for(exported.folder, feed_settings("kev"));
    newer.state = request.state;
    newer.mirror = exported.folder / "mirror";
    sync_one(newer, "2026-02-01");

    const auto refused = import_bundle(request);
    request.allow_older = true;
    const auto taken = import_bundle(request);

    ASSERT_FALSE(refused);
    EXPECT_EQ(refused.error().code, "feeds.older_bundle");
    EXPECT_TRUE(taken);
}

TEST(ExportBundle, HasNothingToSayAboutAnEmptyState) {
    const ScratchFolder folder;
    const auto key = SigningKey::load_or_make(folder / "k");

    const auto exported = export_bundle(folder / "state", folder / "b", *key, Instant{});

    ASSERT_FALSE(exported);
    EXPECT_EQ(exported.error().code, "feeds.nothing_to_export");
}

TEST(SigningKey, IsMadeOnceAndOnlyForItsOwner) {
    const ScratchFolder folder;
    const fs::path file = folder / "keys/k";

    const auto first = SigningKey::load_or_make(file);
    const auto second = SigningKey::load_or_make(file);

    ASSERT_TRUE(first);
    EXPECT_EQ(first->public_key(), second->public_key());
    EXPECT_EQ(fs::status(file).permissions(), fs::perms::owner_read | fs::perms::owner_write);
    fs::permissions(file, fs::perms::group_read, fs::perm_options::add);
    EXPECT_EQ(SigningKey::load_or_make(file).error().code, "feeds.key_exposed");
}

TEST(PublicKey, IsTheSameAfterPrintingAndParsing) {
    const ScratchFolder folder;
    const PublicKey key = SigningKey::load_or_make(folder / "k")->public_key();

    EXPECT_EQ(parse_public_key(format_public_key(key) + "\n").value(), key);
    EXPECT_FALSE(parse_public_key("ed25519:short"));
    EXPECT_FALSE(parse_public_key(std::string(44, '!')));
}

TEST(ParseManifest, RefusesPathsThatClimb) {
    const char* const text = R"({"format":1,"kind":"thimble-feeds","created":"2026-01-28","feeds":[
        {"format":1,"feed":"kev","files":[{"path":"../../x","sha256":
        "0000000000000000000000000000000000000000000000000000000000000000"}]}]})";

    EXPECT_EQ(parse_manifest(text).error().code, "feeds.bad_bundle");
}

}  // namespace
}  // namespace thimble::feeds
