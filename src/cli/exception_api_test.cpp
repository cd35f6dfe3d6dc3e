// Exceptions, asked of the real program: who may ask, who may agree, and what is refused.
#include "thimble/base/instant.hpp"
#include "thimble/cli/running_server_test.hpp"
#include "thimble/host/system_clock.hpp"

namespace thimble::cli {
namespace {

/// A server with a host in the group web.
struct Desk {
    ScratchFolder folder;
    RunningServer server{folder / "data"};
    std::string host;
    std::vector<std::string> bob = approver("bob");
    std::string control;

    Desk() {
        const TestAnswer made = server.as_admin(
            {"POST", "/api/v1/enrolment-tokens", R"({"name":"lab","group":"web"})"});
        host = enrol_host(server, made.text("token"), folder / "host");
        const TestAnswer asked = server.as_admin(
            {"POST",
             "/api/v1/controls",
             R"({"name":"vlan","covers":["CVE-2026-1"],"scope":{"groups":["web"]},"why":"so",)"
             R"("document":{"format":"thimble.control/1","kind":"external","settings":{"what":"a VLAN",)"
             R"("reference":"NET-1"}},"expires_at":")"
                 + in_days(30) + R"("})"});
        EXPECT_EQ(asked.status, 201) << asked.body;
        control = asked.text("id");
        const TestAnswer agreed = server.ask(
            {"POST",
             "/api/v1/controls/" + control + "/approvals",
             R"({"digest":")" + asked.text("digest") + R"("})",
             bob});
        EXPECT_EQ(agreed.status, 204) << agreed.body;
    }
    /// The headers of a person with that role, who has signed in.
    std::vector<std::string> approver(const std::string& name) {
        if (server.admin_headers().empty()) {
            server.let_admin_in();
        }
        const TestAnswer made = server.as_admin(
            {"POST", "/api/v1/users", R"({"name":")" + name + R"(","role":"approver"})"});
        const std::string link = made.text("link");
        const std::string secret = link.substr(link.find('#') + 1);
        const TestAnswer in = server.ask(
            {"POST",
             "/api/v1/sign-in-links/redeem",
             R"({"secret":")" + secret + R"(","password":"correct horse battery"})"});
        EXPECT_EQ(in.status, 200) << made.body << in.body;
        const std::size_t at = in.headers.find("__Host-thimble-session=");
        return {
            "Cookie: " + in.headers.substr(at, in.headers.find(';', at) - at),
            "Thimble-Csrf: " + in.text("csrf")};
    }
    [[nodiscard]] static std::string in_days(int days) {
        return format_instant(host::SystemClock().now() + Days(days));
    }
    /// @param more  members besides, with a comma in front
    [[nodiscard]] TestAnswer request(const std::string& more, int days = 30) const {
        return server.as_admin(
            {"POST",
             "/api/v1/exceptions",
             R"({"reason":"fix_breaks_app","owner":"ada","why":"the shop","controls":[")" + control
                 + R"("],"until":")" + in_days(days) + R"(")" + more + "}"});
    }
    [[nodiscard]] TestAnswer act(
        const std::vector<std::string>& who,
        const std::string& id,
        const std::string& act,
        const std::string& until = "") const {
        return server.ask(
            {"POST",
             "/api/v1/exceptions/" + id + "/acts",
             R"({"act":")" + act + R"(","why":"so","until":)"
                 + (until.empty() ? "null" : "\"" + until + "\"") + "}",
             who});
    }
    [[nodiscard]] std::string state(const std::string& id) const {
        return server.as_admin({"GET", "/api/v1/exceptions/" + id}).text("state");
    }
};

}  // namespace

TEST(ExceptionApi, IsInForceWhenASecondPersonAgrees) {
    const Desk desk;
    const TestAnswer made = desk.request(R"(,"group":"web","packages":["curl"])");
    ASSERT_EQ(made.status, 201) << made.body;
    const std::string id = made.text("id");
    EXPECT_EQ(desk.state(id), "requested");
    const TestAnswer alone = desk.act(desk.server.admin_headers(), id, "approve");
    EXPECT_EQ(alone.status, 403);
    EXPECT_EQ(alone.text("code"), "model.second_person");
    EXPECT_EQ(desk.act(desk.bob, id, "revoke").status, 403);  // an approver operates nothing
    EXPECT_EQ(desk.act(desk.bob, id, "approve").status, 204);
    EXPECT_EQ(desk.state(id), "active");
    EXPECT_EQ(desk.act(desk.bob, id, "approve").status, 409);
    const std::string later = Desk::in_days(60);
    EXPECT_EQ(desk.act(desk.server.admin_headers(), id, "renew", later).status, 204);
    EXPECT_EQ(desk.act(desk.bob, id, "approve").status, 400) << "until when?";
    const TestAnswer other = desk.act(desk.bob, id, "approve", Desk::in_days(59));
    EXPECT_EQ(other.status, 409);
    EXPECT_EQ(other.text("code"), "model.not_that_date");
    EXPECT_EQ(desk.act(desk.bob, id, "approve", later).status, 204);
    EXPECT_TRUE(desk.server.as_admin({"GET", "/api/v1/exceptions"}).has(R"("renewals":1)"));
    EXPECT_EQ(desk.act(desk.server.admin_headers(), id, "revoke").status, 204);
    EXPECT_EQ(desk.state(id), "revoked");
    EXPECT_TRUE(desk.server.as_admin({"GET", "/api/v1/audit?action.prefix=exception."})
                    .has("exception.revoke"));
}

TEST(ExceptionApi, RefusesWhatBreaksARule) {
    const Desk desk;
    const std::string scope = R"(,"group":"web","packages":["curl"])";
    EXPECT_EQ(desk.request(scope, 91).text("code"), "model.bad_exception");
    EXPECT_EQ(desk.request(R"(,"group":"web")").text("code"), "model.bad_exception");
    EXPECT_EQ(desk.request(R"(,"packages":["curl"])").text("code"), "server.bad_body");
    for (const char* const group : {"", R"(,"group":"web")"}) {
        const TestAnswer unknown =
            desk.request(std::string(group) + R"(,"hosts":["nobody"],"packages":["curl"])");
        EXPECT_EQ(unknown.status, 404);
        EXPECT_EQ(unknown.text("code"), "server.no_host");
        EXPECT_TRUE(unknown.has("thimble hosts")) << unknown.body;
    }
    EXPECT_EQ(desk.act(desk.bob, "nothing", "approve").status, 404);
    const std::string id =
        desk.request(R"(,"hosts":[")" + desk.host + R"("],"vulnerabilities":["CVE-2026-1"])")
            .text("id");
    EXPECT_EQ(desk.act(desk.bob, id, "extend").status, 400);
    EXPECT_EQ(
        desk.request(R"(,"group":"web","vulnerabilities":["foo"])").text("code"),
        "model.no_vulnerability");
    const std::string lower =
        desk.request(R"(,"group":"web","vulnerabilities":["cve-2026-1"])").text("id");
    EXPECT_TRUE(desk.server.as_admin({"GET", "/api/v1/exceptions/" + lower}).has("CVE-2026-1"));
    EXPECT_EQ(desk.server.as_admin({"GET", "/api/v1/exceptions/" + id}).text("group"), "web");
}

TEST(ExceptionApi, DoubtsGroupsTagsAndOwnersThatNobodyKnows) {
    const Desk desk;
    const TestAnswer doubted =
        desk.request(R"(,"group":"webb","tag":"env=prod","packages":["curl"])");
    EXPECT_EQ(doubted.status, 201) << doubted.body;
    EXPECT_TRUE(doubted.has("no host is of the group \\\"webb\\\"")) << doubted.body;
    EXPECT_TRUE(doubted.has("no host has the tag \\\"env=prod\\\"")) << doubted.body;
    EXPECT_TRUE(doubted.has("nobody who can sign in is called \\\"ada\\\"")) << doubted.body;
    const TestAnswer ada =
        desk.server.as_admin({"POST", "/api/v1/users", R"({"name":"ada","role":"viewer"})"});
    EXPECT_EQ(ada.status, 201) << ada.body;
    const TestAnswer known = desk.request(R"(,"group":"web","packages":["curl"])");
    EXPECT_TRUE(known.has(R"("warnings":["whether a host has these packages is not known: )"))
        << "nobody has told anything, and there is no catalog: " << known.body;
    EXPECT_FALSE(known.has("no host is of the group")) << known.body;
}

TEST(ExceptionApi, SaysAllThatIsWrongAtOnce) {
    const Desk desk;

    const TestAnswer refused = desk.server.as_admin(
        {"POST",
         "/api/v1/exceptions",
         R"({"reason":"fix_breaks_app","owner":"","why":"so","hosts":["nobody"],"group":"web",)"
         R"("packages":["curl"],"vulnerabilities":["foo"],"controls":["nothing"],"until":"soon"})"});
    const TestAnswer further = desk.server.as_admin(
        {"POST",
         "/api/v1/exceptions",
         R"({"reason":"fix_breaks_app","owner":"","why":"so","group":"web","until":"soon"})"});

    EXPECT_EQ(refused.status, 400);
    EXPECT_EQ(refused.text("code"), "model.no_vulnerability");
    for (const char* const words : {"nobody", "owner must be", "until must be"}) {
        EXPECT_TRUE(refused.has(words)) << words << ": " << refused.body;
    }
    for (const char* const words :
         {"owner must be",
          "until must be",
          "names packages, vulnerabilities",
          "needs a control that shields"}) {
        EXPECT_TRUE(further.has(words)) << words << ": " << further.body;
    }
}

TEST(ExceptionApi, RefusesASecondOneForTheSame) {
    const Desk desk;
    const std::string scope = R"(,"group":"web","packages":["curl"])";
    const std::string first = desk.request(scope).text("id");

    const TestAnswer again = desk.request(scope);
    EXPECT_EQ(again.status, 409);
    EXPECT_EQ(again.text("code"), "server.same_exception");
    EXPECT_TRUE(again.has(first)) << again.body;
    const TestAnswer narrower =
        desk.request(R"(,"hosts":[")" + desk.host + R"("],"packages":["curl"])");
    EXPECT_EQ(narrower.status, 201) << narrower.body;
    EXPECT_TRUE(narrower.has("covers all of this, and more")) << narrower.body;
    EXPECT_EQ(desk.act(desk.server.admin_headers(), first, "revoke").status, 204);
    EXPECT_EQ(desk.request(scope).status, 201);
}

TEST(ExceptionApi, KeepsOnlyVendorDocumentsThatSpeakOfIt) {
    const Desk desk;
    const std::string id =
        desk.request(R"(,"group":"web","vulnerabilities":["CVE-2026-1"])").text("id");
    const auto attach = [&](const std::string& vulnerability) {
        return desk.server
            .as_admin(
                {"POST",
                 "/api/v1/exceptions/" + id + "/evidence",
                 R"({"text":"{\"@context\":\"https://openvex.dev/ns/v0.2.0\",\"author\":\"ACME\",\"statements\":[{\"vulnerability\":\")"
                     + vulnerability + R"(\",\"status\":\"not_affected\"}]}"})"})
            .status;
    };
    EXPECT_EQ(attach("CVE-2026-2"), 400);
    EXPECT_EQ(attach("CVE-2026-1"), 204);
    EXPECT_TRUE(desk.server.as_admin({"GET", "/api/v1/exception-evidence?exception_id=" + id})
                    .has("OpenVEX of ACME: CVE-2026-1 not_affected"));
}

TEST(ExceptionApi, DoesNotReachBeyondAGroup) {
    const Desk desk;
    const TestAnswer made = desk.server.as_admin(
        {"POST",
         "/api/v1/api-tokens",
         R"({"name":"db","actions":"read,operate","group":"db","days":1})"});
    const std::vector<std::string> db{"Authorization: Bearer " + made.text("token")};
    const auto ask = [&](const std::string& scope) {
        return desk.server
            .ask(
                {"POST",
                 "/api/v1/exceptions",
                 R"({"reason":"licence","owner":"ada","why":"so","packages":["curl"],"until":")"
                     + Desk::in_days(5) + R"(",)" + scope + "}",
                 db})
            .status;
    };
    EXPECT_EQ(ask(R"("group":"db")"), 201);
    EXPECT_EQ(ask(R"("group":"*")"), 403);
    EXPECT_EQ(ask(R"("hosts":[")" + desk.host + R"("])"), 403);
}

}  // namespace thimble::cli
