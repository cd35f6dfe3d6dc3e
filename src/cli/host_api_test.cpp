// What people change on a server, asked of the real program: hosts, tags, the halt, tokens, passwords.
#include "thimble/cli/running_server_test.hpp"

namespace thimble::cli {
namespace {

const std::string kMachine(64, 'a');

/// The list `hosts` of one host.
TestAnswer host_of(const RunningServer& server, const std::string& id) {
    return server.as_admin({"GET", "/api/v1/hosts/" + id});
}

/// An enrolment of the machine above, under the name web1.
std::string enrol_machine(
    const RunningServer& server, const std::string& token, const std::filesystem::path& folder) {
    std::string body = enrolment_body(token, make_certificate_request(folder));
    body.insert(body.size() - 1, R"(,"machine":")" + kMachine + R"(")");
    const TestAnswer enrolled = server.ask({"POST", "/agent/v1/enrol", body});
    EXPECT_EQ(enrolled.status, 201) << enrolled.body;
    std::ofstream(folder / "host.crt") << enrolled.text("certificate");
    return enrolled.text("host_id");
}

}  // namespace

TEST(HostApi, TagsAreSetAddedAndTakenAway) {
    const ScratchFolder folder;
    RunningServer server(folder / "data");
    server.let_admin_in();
    const TestAnswer made = server.as_admin(
        {"POST",
         "/api/v1/enrolment-tokens",
         R"({"name":"lab","group":"web","tags":["env=test","new"]})"});
    const std::string id = enrol_host(server, made.text("token"), folder / "host");
    const auto change = [&](const std::string& body) {
        return server.as_admin({"PATCH", "/api/v1/hosts/" + id, body}).status;
    };

    EXPECT_TRUE(host_of(server, id).has(R"("tags":["env=test","new"])"));
    EXPECT_EQ(change(R"({"add_tags":["env=prod"],"remove_tags":["new"]})"), 204);
    EXPECT_TRUE(host_of(server, id).has(R"("tags":["env=prod"])"));
    EXPECT_TRUE(server.as_admin({"GET", "/api/v1/hosts?tags.has=env%3Dprod"}).has(id));
    EXPECT_FALSE(server.as_admin({"GET", "/api/v1/hosts?tags.has=env"}).has(id));
    EXPECT_EQ(change(R"({"tags":["web"],"group":"db","why":"moved"})"), 204);
    EXPECT_TRUE(host_of(server, id).has(R"("tags":["web"])"));
    EXPECT_EQ(host_of(server, id).text("group"), "db");
    EXPECT_EQ(change(R"({"tags":["a b"]})"), 400);
    EXPECT_EQ(change(R"({"why":"nothing"})"), 400);
    EXPECT_EQ(
        server
            .as_admin(
                {"POST",
                 "/api/v1/enrolment-tokens",
                 R"({"name":"lab","group":"web","tags":["a,b"]})"})
            .status,
        400);
}

TEST(HostApi, TellsHowAHostIsReached) {
    const ScratchFolder folder;
    RunningServer server(folder / "data");
    server.let_admin_in();
    const TestAnswer made = server.as_admin(
        {"POST", "/api/v1/enrolment-tokens", R"({"name":"l","group":"web","reusable":true})"});
    const auto enrol = [&](const std::string& name, const std::string& reach) {
        std::string body =
            enrolment_body(made.text("token"), make_certificate_request(folder / name));
        body.insert(body.size() - 1, reach);
        return server.ask({"POST", "/agent/v1/enrol", body});
    };

    const std::string silent = enrol("silent", "").text("host_id");
    const std::string relayed = enrol("relayed", R"(,"reach":"ssh")").text("host_id");

    EXPECT_EQ(host_of(server, silent).text("reach"), "agent");
    EXPECT_EQ(host_of(server, relayed).text("reach"), "ssh");
    EXPECT_EQ(enrol("other", R"(,"reach":"pigeon")").status, 400);
}

TEST(HostApi, ARevocationSaysWhy) {
    const ScratchFolder folder;
    RunningServer server(folder / "data");
    server.let_admin_in();
    const std::string id = enrol_host(server, make_enrolment_token(server, false), folder / "host");

    EXPECT_EQ(server.as_admin({"DELETE", "/api/v1/hosts/" + id + "?why=sold%20it"}).status, 204);

    EXPECT_TRUE(
        server.as_admin({"GET", "/api/v1/audit?action=host.revoke"}).has(R"("why":"sold it")"));
}

TEST(HostApi, AMachineThatEnrolsAgainMarksItsOlderEnrolment) {
    const ScratchFolder folder;
    RunningServer server(folder / "data");
    server.let_admin_in();
    const std::string token = make_enrolment_token(server, true);
    const std::string first = enrol_machine(server, token, folder / "first");

    const std::string second = enrol_machine(server, token, folder / "second");

    EXPECT_EQ(host_of(server, first).text("superseded_by"), second);
    EXPECT_EQ(host_of(server, second).text("superseded_by"), "");
    EXPECT_EQ(server.as_admin({"DELETE", "/api/v1/hosts/" + second}).status, 204);
    EXPECT_EQ(host_of(server, first).text("superseded_by"), "");
}

TEST(HostApi, AHaltSaysSinceWhenByWhomAndWhyAlsoAfterARestart) {
    const ScratchFolder folder;
    {
        RunningServer server(folder / "data");
        server.let_admin_in();
        EXPECT_TRUE(server.as_admin({"GET", "/api/v1/halt"}).has(R"("halted":false)"));
        EXPECT_EQ(
            server.as_admin({"PUT", "/api/v1/halt", R"({"why":"the shop is on fire"})"}).status,
            200);
        const TestAnswer again = server.as_admin({"PUT", "/api/v1/halt", R"({"why":"another"})"});
        EXPECT_EQ(again.status, 409);
        EXPECT_EQ(again.text("code"), "server.halted_already");
        EXPECT_TRUE(again.has("halted already by user:admin since 20")) << again.body;
        EXPECT_TRUE(again.has(": the shop is on fire; thimble halt end")) << again.body;
    }
    RunningServer server(folder / "data");
    server.take_session(server.ask(
        {"POST", "/api/v1/session", R"({"name":"admin","password":"correct horse battery"})"}));

    const TestAnswer halt = server.as_admin({"GET", "/api/v1/halt"});

    EXPECT_EQ(halt.text("by"), "user:admin");
    EXPECT_EQ(halt.text("why"), "the shop is on fire");
    EXPECT_EQ(halt.text("since").size(), std::string("2026-11-24T12:00:00Z").size());
    EXPECT_EQ(server.as_admin({"DELETE", "/api/v1/halt"}).status, 200);
    EXPECT_TRUE(server.as_admin({"GET", "/api/v1/halt"}).has(R"("why":null)"));
}

TEST(HostApi, WhoSignsOutWithATokenHasItRevoked) {
    const ScratchFolder folder;
    RunningServer server(folder / "data");
    server.let_admin_in();
    const TestAnswer made =
        server.as_admin({"POST", "/api/v1/api-tokens", R"({"name":"script","actions":"read"})"});
    const std::vector<std::string> bearer{"Authorization: Bearer " + made.text("token")};
    const TestRequest look{"GET", "/api/v1/hosts", "", bearer};
    EXPECT_EQ(server.ask(look).status, 200);

    EXPECT_EQ(server.ask({"DELETE", "/api/v1/session", "", bearer}).status, 204);

    EXPECT_EQ(server.ask(look).status, 401);
    EXPECT_EQ(
        server.as_admin({"GET", "/api/v1/hosts"}).status,
        200);  // the session of who made it goes on
}

TEST(HostApi, WhoIsLimitedToAGroupGetsTheListsOfThatGroup) {
    const ScratchFolder folder;
    RunningServer server(folder / "data");
    server.let_admin_in();
    enrol_host(server, make_enrolment_token(server, false), folder / "host");
    const auto bearer_of = [&](const std::string& group) {
        const TestAnswer made = server.as_admin(
            {"POST",
             "/api/v1/api-tokens",
             R"({"name":"script","actions":"read","group":")" + group + R"("})"});
        return std::vector<std::string>{"Authorization: Bearer " + made.text("token")};
    };

    EXPECT_TRUE(server.ask({"GET", "/api/v1/groups", "", bearer_of("web")}).has(R"("hosts":1)"));
    EXPECT_TRUE(server.ask({"GET", "/api/v1/groups", "", bearer_of("db")}).has(R"("items":[])"));
    EXPECT_EQ(server.ask({"GET", "/api/v1/users", "", bearer_of("web")}).status, 403);
    EXPECT_EQ(server.ask({"GET", "/api/v1/deployments", "", bearer_of("web")}).status, 200);
}

TEST(SetPassword, IsAWayInWithoutABrowserBesideAServerThatRuns) {
    const ScratchFolder folder;
    const RunningServer server(folder / "data");
    std::ofstream(folder / "input") << "correct horse battery\n";
    std::ofstream(folder / "short") << "short\n";
    const auto set = [&](const std::string& name, const char* input) {
        return TestProgram({"/bin/sh",
                            "-c",
                            R"(input=$1; shift; exec "$@" <"$input")",
                            "sh",
                            (folder / input).string(),
                            THIMBLE_SERVER,
                            "server",
                            "set-password",
                            name,
                            "--data",
                            (folder / "data").string()})
            .rest();
    };

    EXPECT_EQ(set("nobody", "input").status, 66);
    EXPECT_EQ(set("admin", "short").status, 64);
    const TestOutcome done = set("admin", "input");

    EXPECT_EQ(done.status, 0) << done.output;
    EXPECT_EQ(
        server
            .ask(
                {"POST",
                 "/api/v1/session",
                 R"({"name":"admin","password":"correct horse battery"})"})
            .status,
        200);
}

TEST(Serve, SaysThatThereIsNoCatalog) {
    const ScratchFolder folder;
    TestProgram program(
        {THIMBLE_SERVER,
         "serve",
         "--data",
         (folder / "data").string(),
         "--listen",
         "127.0.0.1:0",
         "--catalog",
         "/nonexistent/catalog"});
    std::string line;
    do {
        line = program.line();
    } while (!line.empty() && line.find("/nonexistent/catalog") == std::string::npos);

    EXPECT_NE(line.find("there is no catalog at /nonexistent/catalog"), std::string::npos);
}

}  // namespace thimble::cli
