// Policies and rollouts, asked of the real program: who may see and steer them, what they wait for, who has left.
#include "thimble/cli/running_server_test.hpp"

namespace thimble::cli {
namespace {

std::string policy_body(const std::string& text) {
    std::string escaped;
    for (const char c : text) {
        escaped += c == '\n' ? std::string("\\n")
            : c == '"'       ? std::string("\\\"")
                             : std::string(1, c);
    }
    return R"({"text":")" + escaped + R"("})";
}

/// A server with a host in the group web, one in db, and policies for each.
struct Shop {
    ScratchFolder folder;
    RunningServer server{folder / "data"};
    std::string web = host_in("web");
    std::string db = host_in("db");

    std::string host_in(const std::string& group) {
        if (server.admin_headers().empty()) {
            server.let_admin_in();
        }
        const TestAnswer made = server.as_admin(
            {"POST", "/api/v1/enrolment-tokens", R"({"name":"lab","group":")" + group + R"("})"});
        return enrol_host(server, made.text("token"), folder / group);
    }
    [[nodiscard]] TestAnswer keep(const std::vector<std::string>& texts) const {
        std::string items;
        for (const std::string& text : texts) {
            items += (items.empty() ? "" : ",") + policy_body(text);
        }
        return server.as_admin({"POST", "/api/v1/policies", R"({"policies":[)" + items + "]}"});
    }
    [[nodiscard]] std::string begin(const std::string& policy) const {
        const TestAnswer begun = server.as_admin(
            {"POST", "/api/v1/rollouts", R"({"policy":")" + policy + R"(","why":"december"})"});
        EXPECT_EQ(begun.status, 201) << begun.body;
        return begun.text("id");
    }
    /// The header of a token of the administrator, limited to a group.
    [[nodiscard]] std::vector<std::string> operator_of(const std::string& group) const {
        const TestAnswer made = server.as_admin(
            {"POST",
             "/api/v1/api-tokens",
             R"({"name":"for )" + group + R"(","actions":"read,operate","group":")" + group
                 + R"(","days":1})"});
        EXPECT_EQ(made.status, 201) << made.body;
        return {"Authorization: Bearer " + made.text("token")};
    }
    /// The headers of the session of somebody who may only look.
    [[nodiscard]] std::vector<std::string> session_of(const std::string& name) const {
        const std::string made =
            server
                .as_admin(
                    {"POST", "/api/v1/users", R"({"name":")" + name + R"(","role":"viewer"})"})
                .text("link");
        const TestAnswer let_in = server.ask(
            {"POST",
             "/api/v1/sign-in-links/redeem",
             R"({"secret":")" + made.substr(made.find('#') + 1)
                 + R"(","password":"correct horse battery"})"});
        EXPECT_EQ(let_in.status, 200) << let_in.body;
        return session_headers(let_in);
    }
    [[nodiscard]] TestAnswer ask_as(
        const std::vector<std::string>& who, const std::string& path) const {
        return server.ask({"GET", path, "", who});
    }
};

const char* const kBoth =
    "policy: both\nhosts: all\n"
    "rings: [{name: first, hosts: {groups: [web]}}, {name: second, hosts: {groups: [db]}}]\n"
    "windows: [{rule: FREQ=DAILY, opens: \"22:00\", lasts: 4h}]\n"
    "approval: {people: 1, before: second}\n";
const char* const kWeb =
    "policy: web\nhosts: {groups: [web]}\n"
    "rings: [{name: all, hosts: {groups: [web]}}]\n";

}  // namespace

TEST(SetPolicies, KeepsAllOrNone) {
    const Shop shop;

    const TestAnswer refused = shop.keep(
        {kWeb,
         "policy: b\nhosts: all\nservices: maybe\nreboots: never\n",
         "policy: c\nhosts: all\n"});
    const TestAnswer twice = shop.keep({kWeb, kWeb});

    EXPECT_EQ(refused.status, 400) << refused.body;
    EXPECT_TRUE(refused.has("line 3: services")) << refused.body;
    EXPECT_TRUE(refused.has("line 4: reboots")) << refused.body;
    EXPECT_EQ(twice.status, 400) << twice.body;
    EXPECT_FALSE(shop.server.as_admin({"GET", "/api/v1/policies"}).has("web"));
    EXPECT_EQ(shop.keep({kWeb, kBoth}).status, 200);
    EXPECT_EQ(shop.server.as_admin({"GET", "/api/v1/policies/web"}).text("name"), "web");
    EXPECT_TRUE(shop.server.as_admin({"GET", "/api/v1/policies/both"}).has("second"));
}

TEST(SetPolicies, RefusesHostsThatAreNotThereAndDoubtsGroupsAndOwners) {
    const Shop shop;
    const std::string but = std::string(kWeb) + "except: {hosts: [web-legacy]}\n";
    const TestAnswer unknown = shop.keep({but});
    EXPECT_EQ(unknown.status, 404);
    EXPECT_EQ(unknown.text("code"), "server.no_host");
    EXPECT_TRUE(unknown.has("web-legacy")) << unknown.body;
    EXPECT_TRUE(shop.server.as_admin({"GET", "/api/v1/policies"}).has("\"items\":[]"));

    const TestAnswer doubted = shop.keep(
        {"policy: c\nhosts: {groups: [webb]}\n"
         "patches: {exclude: [{package: curl, owner: ada, until: 2099-01-01, why: w}]}\n"});
    EXPECT_EQ(doubted.status, 200) << doubted.body;
    EXPECT_TRUE(doubted.has("no host is of the group \\\"webb\\\"")) << doubted.body;
    EXPECT_TRUE(doubted.has("nobody who can sign in is called \\\"ada\\\"")) << doubted.body;
    EXPECT_TRUE(shop.keep({kWeb}).has(R"("warnings":[])"));
    EXPECT_TRUE(shop.server.as_admin({"PUT", "/api/v1/policies/web", policy_body(kWeb)})
                    .has(R"("warnings":[])"));
}

TEST(SetPolicies, KeepsAPolicyThatNamesAHostThatWasRemoved) {
    const Shop shop;
    const std::string named = "policy: named\nhosts: all\nexcept: {hosts: [" + shop.db
        + "]}\nrings: [{name: all, hosts: {groups: [web]}}]\n";
    ASSERT_EQ(shop.keep({named}).status, 200);
    ASSERT_EQ(
        shop.server.as_admin({"DELETE", "/api/v1/hosts/" + shop.db + "?why=sold"}).status, 204);

    const TestAnswer again = shop.keep({named});

    EXPECT_EQ(again.status, 200) << again.body;
    EXPECT_TRUE(again.has("was removed: nothing is planned for it any more")) << again.body;
}

TEST(SetPolicies, DoubtsThatAdvisoriesOpenEmergencies) {
    const Shop shop;
    const TestAnswer kept = shop.keep(
        {std::string(kWeb)
         + "patches: {select: named, advisories: [DSA-1-1]}\nemergency: {opens: by rule}\n"});
    EXPECT_EQ(kept.status, 200) << kept.body;
    EXPECT_TRUE(kept.has("advisories open no emergency by rule")) << kept.body;
}

TEST(AuditList, NamesThePersonBehindAToken) {
    const Shop shop;
    const TestAnswer made = shop.server.as_admin(
        {"POST",
         "/api/v1/api-tokens",
         R"({"name":"ci","actions":"read,operate,administer","days":1})"});
    const std::vector<std::string> who{"Authorization: Bearer " + made.text("token")};

    const TestAnswer kept =
        shop.server.ask({"PUT", "/api/v1/policies/web", policy_body(kWeb), who});

    EXPECT_EQ(kept.status, 200) << kept.body;
    const TestAnswer policy = shop.server.as_admin({"GET", "/api/v1/policies/web"});
    EXPECT_EQ(policy.text("by"), "admin (token ci)") << policy.body;
    EXPECT_TRUE(policy.text("changed_by").starts_with("token:"));
    const TestAnswer entries = shop.server.as_admin({"GET", "/api/v1/audit?action=policy.set"});
    EXPECT_EQ(entries.text("by"), "admin (token ci)") << entries.body;
    EXPECT_EQ(
        shop.server.as_admin({"GET", "/api/v1/audit?action=api-token.create"}).text("by"), "admin");
}

TEST(RolloutApi, ShowsAndLetsSteerThoseOfOnesOwnGroup) {
    const Shop shop;
    ASSERT_EQ(shop.keep({kWeb, kBoth}).status, 200);
    const std::string own = shop.begin("web");
    const std::string shared = shop.begin("both");
    const auto web = shop.operator_of("web");
    const auto db = shop.operator_of("db");
    const auto pause = [&](const std::string& id, const std::vector<std::string>& who) {
        return shop.server
            .ask({"POST", "/api/v1/rollouts/" + id + "/acts", R"({"act":"pause","why":"w"})", who})
            .status;
    };

    const TestAnswer listed = shop.ask_as(web, "/api/v1/rollouts");
    const TestAnswer others = shop.ask_as(db, "/api/v1/rollouts");

    EXPECT_TRUE(listed.has(own) && listed.has(shared)) << listed.body;
    EXPECT_TRUE(!others.has(own) && others.has(shared)) << others.body;
    EXPECT_TRUE(shop.ask_as(web, "/api/v1/rollouts/" + shared).has("\"hosts\":1"));
    EXPECT_TRUE(shop.ask_as(db, "/api/v1/rollout-rings?deployment_id=" + own).has("\"items\":[]"));
    EXPECT_EQ(shop.ask_as(db, "/api/v1/rollouts/" + own + "/outlook").status, 404);
    EXPECT_EQ(shop.ask_as(web, "/api/v1/rollouts/" + own + "/outlook").status, 200);
    EXPECT_EQ(pause(own, web), 204);
    EXPECT_EQ(pause(own, db), 403);
    // It has hosts of another group, too.
    EXPECT_EQ(pause(shared, web), 403);
}

TEST(RolloutApi, TellsWhatARolloutWaitsFor) {
    const Shop shop;
    ASSERT_EQ(shop.keep({kBoth}).status, 200);
    const std::string id = shop.begin("both");

    const TestAnswer outlook = shop.server.as_admin({"GET", "/api/v1/rollouts/" + id + "/outlook"});

    EXPECT_EQ(outlook.status, 200);
    EXPECT_TRUE(outlook.has(R"("approvals":[],"approvals_needed":1,"approvals_given":0)"))
        << outlook.body;
    EXPECT_EQ(outlook.text("approvals_before_ring"), "second");
    EXPECT_TRUE(outlook.has(R"("window":{"open":)")) << outlook.body;
    EXPECT_EQ(outlook.text("reason"), "ring-ahead") << outlook.body;
    EXPECT_EQ(shop.server.as_admin({"GET", "/api/v1/rollouts/nothing/outlook"}).status, 404);
}

TEST(RolloutApi, LetsTheOwnerOfAHostPutItOffWithoutAnyOtherRight) {
    const Shop shop;
    const std::string notice = "notice: {before: 1d, defer: {times: 1, at_most: 7d}}\n";
    ASSERT_EQ(shop.keep({kBoth + notice}).status, 200);
    const std::string id = shop.begin("both");
    const auto olga = shop.session_of("olga");
    ASSERT_EQ(
        shop.server
            .as_admin({"PATCH", "/api/v1/hosts/" + shop.web, R"({"add_tags":["owner=olga"]})"})
            .status,
        204);
    const auto defer = [&](const std::string& host, const std::vector<std::string>& who) {
        return shop.server.ask(
            {"POST",
             "/api/v1/rollouts/" + id + "/hosts/" + host + "/deferrals",
             R"({"until":"2100-01-01","why":"a fair"})",
             who});
    };

    const TestAnswer own = defer(shop.web, olga);

    // She may; but the host is not ready.
    EXPECT_EQ(own.status, 409) << own.body;
    EXPECT_EQ(own.text("code"), "server.not_deferred");
    EXPECT_TRUE(own.has("has no notice of it yet")) << own.body;
    EXPECT_EQ(defer(shop.db, olga).status, 403);
    EXPECT_EQ(defer(shop.web, shop.operator_of("web")).status, 409);
    EXPECT_EQ(defer(shop.db, shop.operator_of("web")).status, 404);
    EXPECT_EQ(defer("nobody", olga).status, 404);
    const TestAnswer emergency = shop.server.as_admin(
        {"POST", "/api/v1/rollouts", R"({"policy":"both","emergency":true,"why":"now"})"});
    ASSERT_EQ(emergency.status, 201) << emergency.body;
    const TestAnswer urgent = shop.server.ask(
        {"POST",
         "/api/v1/rollouts/" + emergency.text("id") + "/hosts/" + shop.web + "/deferrals",
         R"({"until":"2100-01-01","why":"a fair"})",
         olga});
    EXPECT_TRUE(urgent.has("gives no notice and is not put off")) << urgent.body;
}

TEST(HostApi, ARemovedHostLeavesItsRolloutsAndItsPatches) {
    const Shop shop;
    ASSERT_EQ(shop.keep({kBoth}).status, 200);
    const std::string id = shop.begin("both");
    const auto stands = [&](const std::string& host) {
        return shop.server.as_admin({"GET", "/api/v1/deployment-hosts/" + id + "." + host});
    };
    ASSERT_EQ(stands(shop.web).text("phase"), "planning");
    ASSERT_EQ(stands(shop.db).text("phase"), "waiting");

    ASSERT_EQ(
        shop.server.as_admin({"DELETE", "/api/v1/hosts/" + shop.web + "?why=sold"}).status, 204);

    EXPECT_EQ(stands(shop.web).text("phase"), "cancelled");
    EXPECT_EQ(stands(shop.web).text("why"), "removed");
    EXPECT_EQ(stands(shop.db).text("phase"), "waiting");
    EXPECT_TRUE(shop.server.as_admin({"GET", "/api/v1/jobs?host_id=" + shop.web}).has("withdrawn"));
}

}  // namespace thimble::cli
