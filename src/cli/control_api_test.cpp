// Compensating controls, asked of the real program: who may ask, who may say yes, what the host is given.
#include "thimble/base/instant.hpp"
#include "thimble/cli/running_server_test.hpp"
#include "thimble/host/system_clock.hpp"

namespace thimble::cli {
namespace {

using Headers = std::vector<std::string>;

/// A server with a host in the group web, and bob, who may say yes.
struct Post {
    ScratchFolder folder;
    RunningServer server{folder / "data"};
    std::string host;
    Headers bob;

    Post() {
        server.let_admin_in();
        const TestAnswer made = server.as_admin(
            {"POST", "/api/v1/enrolment-tokens", R"({"name":"lab","group":"web"})"});
        host = enrol_host(server, made.text("token"), folder / "host");
        const TestAnswer user =
            server.as_admin({"POST", "/api/v1/users", R"({"name":"bob","role":"approver"})"});
        const std::string link = user.text("link");
        const TestAnswer in = server.ask(
            {"POST",
             "/api/v1/sign-in-links/redeem",
             R"({"secret":")" + link.substr(link.find('#') + 1)
                 + R"(","password":"correct horse battery"})"});
        const std::size_t at = in.headers.find("__Host-thimble-session=");
        bob = {
            "Cookie: " + in.headers.substr(at, in.headers.find(';', at) - at),
            "Thimble-Csrf: " + in.text("csrf")};
    }
    [[nodiscard]] TestAnswer request(const Headers& who, const std::string& scope) const {
        return server.ask(
            {"POST",
             "/api/v1/controls",
             R"({"name":"wall","document":{"kind":"segmentation","settings":{"listeners":)"
             R"([{"port":80}]}},"covers":["CVE-2026-1"],"scope":)"
                 + scope + R"(,"expires_at":")"
                 + format_instant(host::SystemClock().now() + Days(30)) + R"(","why":"no fix"})",
             who});
    }
    [[nodiscard]] TestAnswer post(
        const Headers& who,
        const std::string& id,
        const std::string& what,
        const std::string& body) const {
        return server.ask({"POST", "/api/v1/controls/" + id + "/" + what, body, who});
    }
    [[nodiscard]] TestAnswer get(const std::string& path) const {
        return server.as_admin({"GET", "/api/v1/" + path});
    }
    [[nodiscard]] Headers limited_to(const std::string& group) const {
        const TestAnswer made = server.as_admin(
            {"POST",
             "/api/v1/api-tokens",
             R"({"name":"t","actions":"read,operate","group":")" + group + R"(","days":1})"});
        return {"Authorization: Bearer " + made.text("token")};
    }
};

TEST(ControlApi, ASecondPersonsYesGivesTheHostItsJobAndRetirementTakesItBack) {
    const Post post;
    const Headers& admin = post.server.admin_headers();
    const TestAnswer made = post.request(admin, R"({"groups":["web"]})");
    ASSERT_EQ(made.status, 201) << made.body;
    const std::string id = made.text("id");
    const std::string yes = R"({"digest":")" + made.text("digest") + R"("})";
    EXPECT_EQ(post.get("controls/" + id).text("state"), "proposed");

    EXPECT_EQ(post.post(admin, id, "approvals", yes).text("code"), "server.second_person");
    EXPECT_EQ(post.post(post.bob, id, "acts", R"({"act":"retire","why":"w"})").status, 403);
    EXPECT_EQ(post.post(post.bob, id, "approvals", yes).status, 204);

    EXPECT_EQ(post.get("controls/" + id).text("state"), "approved");
    EXPECT_EQ(post.get("jobs?kind=deploy-control").text("host_id"), post.host);
    EXPECT_EQ(post.get("control-hosts?control_id=" + id).text("host_id"), post.host);
    EXPECT_EQ(post.post(post.bob, id, "enforcement", R"({"why":"w"})").status, 400)
        << "it is no virtual patch";
    EXPECT_EQ(post.post(admin, id, "acts", R"({"act":"retire","why":"w"})").status, 204);
    EXPECT_EQ(post.get("jobs?kind=deploy-control").text("state"), "withdrawn");
    EXPECT_EQ(post.get("jobs?kind=remove-control").text("host_id"), post.host);
    EXPECT_TRUE(post.get("audit?subject=" + id).has("control.approve"));
}

TEST(ControlApi, OneGroupSeesAndMovesItsOwnAlone) {
    const Post post;
    const std::string both =
        post.request(post.server.admin_headers(), R"({"groups":["web","db"]})").text("id");
    const Headers web = post.limited_to("web");
    const Headers db = post.limited_to("db");
    const auto sees = [&](const Headers& who) {
        return post.server.ask({"GET", "/api/v1/controls", "", who}).has(both);
    };

    EXPECT_TRUE(sees(web));
    EXPECT_FALSE(sees(db));
    EXPECT_EQ(post.post(db, both, "acts", R"({"act":"retire","why":"w"})").status, 403);
    const std::string none = post.request(db, R"({"groups":["web"]})").text("id");
    EXPECT_TRUE(post.get("control-hosts?control_id=" + none).has("\"items\":[]"))
        << "the scope of who asks ends with its rights";
    EXPECT_EQ(post.post(web, both, "acts", R"({"act":"retire","why":"w"})").status, 403)
        << "hosts of other groups may come into its scope";
    const std::string own = post.request(web, R"({"groups":["web"]})").text("id");
    EXPECT_EQ(post.post(web, own, "acts", R"({"act":"retire","why":"w"})").status, 204);
}

TEST(ControlApi, TheBoardIsAListLikeOthers) {
    const Post post;
    const TestAnswer csv = post.server.as_admin({"GET", "/api/v1/board", "", {"Accept: text/csv"}});

    EXPECT_EQ(csv.status, 200) << csv.body;
    EXPECT_TRUE(csv.has("control_refusal"));
    EXPECT_TRUE(csv.has("outside,outside_why"));
    EXPECT_TRUE(post.get("openapi.json").has("/api/v1/controls/{id}/enforcement"));
}

}  // namespace
}  // namespace thimble::cli
