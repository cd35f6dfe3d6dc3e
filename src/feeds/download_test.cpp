#include "thimble/feeds/download.hpp"

#include "thimble/feeds/scratch_folder.hpp"
#include "thimble/feeds/state_files.hpp"
#include "thimble/feeds/test_server.hpp"
#include "thimble/feeds/transfer.hpp"

#include <gtest/gtest.h>

#include <atomic>
#include <string>

namespace thimble::feeds {
namespace {

constexpr std::uint64_t kPlenty = 1U << 20U;

DownloadSettings quick() {
    DownloadSettings settings;
    settings.stall_timeout = std::chrono::seconds(1);
    settings.connect_timeout = std::chrono::seconds(2);
    return settings;
}

Result<DownloadOutcome> fetch(
    const DownloadRequest& request, const DownloadSettings& settings = quick()) {
    return download_all(std::span(&request, 1), settings, {}).at(0);
}

std::string header_of(const TestRequest& request, const std::string& name) {
    const auto found = request.headers.find(name);
    return found == request.headers.end() ? "" : found->second;
}

TEST(DownloadAll, FetchesAFileWithItsValidators) {
    const TestServer server([](const TestRequest&) {
        return http_response(
            "200 OK", {"ETag: \"v1\"", "Last-Modified: Fri, 21 Aug 2026 12:00:00 GMT"}, "hello");
    });
    const ScratchFolder folder;

    const auto outcome = fetch({server.address("/a"), folder / "a", "", "", kPlenty});

    ASSERT_TRUE(outcome) << outcome.error().text();
    EXPECT_TRUE(outcome->modified);
    EXPECT_EQ(outcome->etag, "\"v1\"");
    EXPECT_EQ(format_instant(outcome->modified_at.value()), "2026-08-21T12:00:00Z");
    EXPECT_EQ(content_of(folder / "a"), "hello");
    EXPECT_FALSE(std::filesystem::exists(folder / "a.part"));
}

TEST(DownloadAll, AsksOnlyForWhatChanged) {
    const TestServer server(
        [](const TestRequest&) { return http_response("304 Not Modified", {}, ""); });
    const ScratchFolder folder;

    const auto tagged = fetch({server.address("/a"), folder / "a", "\"v1\"", "date", kPlenty});
    const auto dated = fetch({server.address("/a"), folder / "a", "", "the date", kPlenty});

    ASSERT_TRUE(tagged);
    EXPECT_FALSE(tagged->modified);
    EXPECT_FALSE(dated->modified);
    EXPECT_EQ(header_of(server.requests().at(0), "if-none-match"), "\"v1\"");
    EXPECT_EQ(header_of(server.requests().at(1), "if-modified-since"), "the date");
}

TEST(DownloadAll, SaysThatThereIsNoRoomForAFile) {
    const TestServer server(
        [](const TestRequest&) { return http_response("200 OK", {"ETag: \"v1\""}, "hello"); });
    const ScratchFolder folder;
    std::filesystem::create_symlink("/dev/full", folder / "a");

    const auto full = fetch({server.address("/a"), folder / "a", "", "", kPlenty});
    const auto nowhere = fetch({server.address("/a"), folder / "b/c", "", "", kPlenty});

    ASSERT_FALSE(full.has_value());
    ASSERT_FALSE(nowhere.has_value());
    EXPECT_EQ(full.error().code, kCannotWrite);
    EXPECT_TRUE(full.error().text().ends_with("/a cannot be written: No space left on device"))
        << full.error().text();
    EXPECT_FALSE(std::filesystem::exists(folder / "a")) << "half of it only takes room";
    EXPECT_EQ(nowhere.error().code, kCannotWrite);
    EXPECT_EQ(server.requests().size(), 2) << "another attempt would have no more room";
}

/// Breaks the first connection after five of ten bytes, then honours ranges.
TestResponse broken_once(const TestRequest& request, std::atomic<int>& count) {
    if (count++ == 0) {
        return http_response("200 OK", {"ETag: \"v1\"", "Content-Length: 10"}, "01234");
    }
    if (header_of(request, "range") == "bytes=5-") {
        return http_response(
            "206 Partial Content", {"ETag: \"v1\"", "Content-Range: bytes 5-9/10"}, "56789");
    }
    return http_response("200 OK", {"ETag: \"v1\""}, "0123456789");
}

TEST(DownloadAll, ResumesAConnectionThatBreaks) {
    std::atomic<int> count = 0;
    const TestServer server(
        [&count](const TestRequest& request) { return broken_once(request, count); });
    const ScratchFolder folder;

    const auto outcome = fetch({server.address("/a"), folder / "a", "", "", kPlenty});

    ASSERT_TRUE(outcome) << outcome.error().text();
    EXPECT_TRUE(outcome->resumed);
    EXPECT_EQ(outcome->bytes, 10U);
    EXPECT_EQ(content_of(folder / "a"), "0123456789");
    EXPECT_EQ(header_of(server.requests().at(1), "if-range"), "\"v1\"");
}

TEST(DownloadAll, ResumesWhatAnEarlierRunLeft) {
    std::atomic<int> count = 0;
    const TestServer server(
        [&count](const TestRequest& request) { return broken_once(request, count); });
    const ScratchFolder folder;
    DownloadSettings once = quick();
    once.max_attempts = 1;

    const auto first = fetch({server.address("/a"), folder / "a", "", "", kPlenty}, once);
    const auto second = fetch({server.address("/a"), folder / "a", "", "", kPlenty}, once);

    ASSERT_FALSE(first);
    EXPECT_EQ(first.error().kind, ErrorKind::Unavailable);
    ASSERT_TRUE(second);
    EXPECT_TRUE(second->resumed);
    EXPECT_EQ(content_of(folder / "a"), "0123456789");
}

TEST(DownloadAll, StartsAgainWhenTheFileChangedMeanwhile) {
    std::atomic<int> count = 0;
    const TestServer server([&count](const TestRequest&) {
        return count++ == 0
            ? http_response("200 OK", {"ETag: \"v1\"", "Content-Length: 10"}, "01234")
            : http_response("200 OK", {"ETag: \"v2\""}, "new");
    });
    const ScratchFolder folder;

    const auto outcome = fetch({server.address("/a"), folder / "a", "", "", kPlenty});

    ASSERT_TRUE(outcome);
    EXPECT_FALSE(outcome->resumed);
    EXPECT_EQ(outcome->etag, "\"v2\"");
    EXPECT_EQ(content_of(folder / "a"), "new");
}

TEST(DownloadAll, GivesUpOnAStalledConnection) {
    const TestServer server([](const TestRequest&) {
        TestResponse response = http_response("200 OK", {"Content-Length: 10"}, "0");
        response.stall = true;
        return response;
    });
    const ScratchFolder folder;
    DownloadSettings settings = quick();
    settings.max_attempts = 1;

    const auto outcome = fetch({server.address("/a"), folder / "a", "", "", kPlenty}, settings);

    ASSERT_FALSE(outcome);
    EXPECT_EQ(outcome.error().code, "feeds.download_failed");
}

TEST(DownloadAll, RefusesAFileBeyondItsLimit) {
    const TestServer declared(
        [](const TestRequest&) { return http_response("200 OK", {}, std::string(100, 'x')); });
    const TestServer undeclared([](const TestRequest&) {
        return TestResponse{
            "HTTP/1.1 200 OK\r\nConnection: close\r\n\r\n" + std::string(100'000, 'x'), false};
    });
    const ScratchFolder folder;

    EXPECT_EQ(
        fetch({declared.address("/a"), folder / "a", "", "", 99}).error().code, "feeds.too_large");
    EXPECT_EQ(
        fetch({undeclared.address("/a"), folder / "b", "", "", 99}).error().code,
        "feeds.too_large");
}

TEST(DownloadAll, SaysWhatTheServerSaid) {
    const TestServer server([](const TestRequest& request) {
        return http_response(request.path.substr(1) + " No", {}, "<html>error page</html>");
    });
    const ScratchFolder folder;
    const auto kind = [&](const std::string& status) {
        return fetch({server.address("/" + status), folder / status, "", "", kPlenty}).error().kind;
    };

    EXPECT_EQ(kind("404"), ErrorKind::NotFound);
    EXPECT_EQ(kind("403"), ErrorKind::Denied);
    EXPECT_EQ(kind("503"), ErrorKind::Unavailable);
    EXPECT_FALSE(std::filesystem::exists(folder / "404"));
}

TEST(DownloadAll, FollowsRedirectsButNotForever) {
    const TestServer server([](const TestRequest& request) {
        if (request.path == "/a") {
            return http_response("302 Found", {"Location: /b"}, "moved");
        }
        return request.path == "/b" ? http_response("200 OK", {}, "here")
                                    : http_response("301 Moved", {"Location: /loop"}, "");
    });
    const ScratchFolder folder;

    ASSERT_TRUE(fetch({server.address("/a"), folder / "a", "", "", kPlenty}));
    EXPECT_EQ(content_of(folder / "a"), "here");
    const auto loop = fetch({server.address("/loop"), folder / "c", "", "", kPlenty});
    ASSERT_FALSE(loop);
    EXPECT_NE(loop.error().text().find("redirects too often"), std::string::npos);
}

TEST(DownloadAll, RefusesOtherSchemesAlsoByRedirect) {
    const TestServer server([](const TestRequest&) {
        return http_response("302 Found", {"Location: file:///etc/passwd"}, "");
    });
    const ScratchFolder folder;

    EXPECT_EQ(
        fetch({server.address("/a"), folder / "a", "", "", kPlenty}).error().code,
        "feeds.bad_address");
    EXPECT_EQ(
        fetch({"ftp://127.0.0.1/a", folder / "a", "", "", kPlenty}).error().code,
        "feeds.bad_address");
    EXPECT_EQ(
        fetch({"file:///etc/passwd", folder / "a", "", "", kPlenty}).error().code,
        "feeds.bad_address");
}

TEST(MayRedirect, NeverLeavesHttps) {
    EXPECT_TRUE(may_redirect("https://a/x", "https://b/y"));
    EXPECT_TRUE(may_redirect("http://a/x", "https://a/x"));
    EXPECT_TRUE(may_redirect("http://a/x", "http://b/x"));
    EXPECT_FALSE(may_redirect("https://a/x", "http://a/x"));
    EXPECT_FALSE(may_redirect("https://a/x", "file:///etc/passwd"));
    EXPECT_FALSE(may_redirect("https://a/x", ""));
}

TEST(DownloadAll, GoesThroughTheProxyThatIsConfigured) {
    const TestServer proxy(
        [](const TestRequest&) { return http_response("200 OK", {}, "by proxy"); });
    const ScratchFolder folder;
    DownloadSettings settings = quick();
    settings.proxy = proxy.address("");

    const auto outcome = fetch({"http://feeds.invalid/a", folder / "a", "", "", kPlenty}, settings);

    ASSERT_TRUE(outcome) << outcome.error().text();
    EXPECT_EQ(proxy.requests().at(0).path, "http://feeds.invalid/a");
}

TEST(DownloadAll, FetchesSeveralAndReportsProgress) {
    const TestServer server(
        [](const TestRequest& request) { return http_response("200 OK", {}, request.path); });
    const ScratchFolder folder;
    std::vector<DownloadRequest> requests;
    for (int i = 0; i < 10; ++i) {
        const std::string path = "/" + std::to_string(i);
        requests.push_back({server.address(path), folder / path.substr(1), "", "", kPlenty});
    }
    std::uint64_t received = 0;

    const auto outcomes = download_all(
        requests, quick(), [&received](std::uint64_t bytes, std::uint64_t) { received = bytes; });

    ASSERT_EQ(outcomes.size(), 10U);
    for (int i = 0; i < 10; ++i) {
        EXPECT_TRUE(outcomes[static_cast<std::size_t>(i)]);
        EXPECT_EQ(content_of(folder / std::to_string(i)), "/" + std::to_string(i));
    }
    EXPECT_EQ(received, 20U);
}

}  // namespace
}  // namespace thimble::feeds
