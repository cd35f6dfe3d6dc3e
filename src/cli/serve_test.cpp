#include "thimble/cli/running_server_test.hpp"
#include "thimble/store/scratch_postgresql_test.hpp"

namespace thimble::cli {
namespace {

TestRequest sign_in(const std::string& password) {
    return {"POST", "/api/v1/session", R"({"name":"admin","password":")" + password + R"("})"};
}

}  // namespace

TEST(Serve, TheFirstStartMakesEverythingAndARestartFindsIt) {
    const ScratchFolder folder;
    std::string authority;
    {
        RunningServer server(folder / "data");
        server.let_admin_in();
        authority = contents_of(folder / "data/keys/authority.crt");
        EXPECT_EQ(server.stop(), 0);
    }

    RunningServer server(folder / "data");

    EXPECT_TRUE(server.link_secret().empty());
    EXPECT_EQ(contents_of(folder / "data/keys/authority.crt"), authority);
    EXPECT_EQ(server.ask(sign_in("correct horse battery")).status, 200);
}

TEST(Serve, TheFirstLinkWorksOnceAndIsMadeAnewUntilSomebodyCanSignIn) {
    const ScratchFolder folder;
    std::string first;
    {
        const RunningServer server(folder / "data");
        first = server.link_secret();
    }
    RunningServer server(folder / "data");
    ASSERT_FALSE(server.link_secret().empty());
    EXPECT_NE(server.link_secret(), first);
    const TestRequest redeem{
        "POST",
        "/api/v1/sign-in-links/redeem",
        R"({"secret":")" + server.link_secret() + R"(","password":"correct horse battery"})"};

    TestRequest weak = redeem;
    weak.body = R"({"secret":")" + server.link_secret() + R"(","password":"short"})";
    EXPECT_EQ(server.ask(weak).status, 400);
    EXPECT_EQ(server.ask(redeem).status, 200);
    EXPECT_EQ(server.ask(redeem).status, 403);
}

TEST(Serve, TheLinkLeadsToAPageWhoseScriptIsItsOwn) {
    const ScratchFolder folder;
    const RunningServer server(folder / "data");

    const TestAnswer page = server.ask({"GET", "/welcome"});

    EXPECT_TRUE(page.has("src=\"/welcome.js\""));
    EXPECT_NE(page.headers.find("Content-Type: text/html"), std::string::npos);
    EXPECT_NE(page.headers.find("default-src 'self'"), std::string::npos);
    EXPECT_TRUE(server.ask({"GET", "/welcome.js"}).has("/api/v1/sign-in-links/redeem"));
}

TEST(Serve, TwoServersDoNotShareAFolder) {
    const ScratchFolder folder;
    const RunningServer server(folder / "data");

    const TestOutcome second = run_server_command(
        {"serve", "--data", (folder / "data").string(), "--listen", "127.0.0.1:0"});

    EXPECT_EQ(second.status, 75);
    EXPECT_NE(second.output.find("[server.already_running]"), std::string::npos) << second.output;
}

TEST(Serve, TwoServersDoNotShareASqliteDatabase) {
    const ScratchFolder folder;
    const RunningServer server(folder / "data");

    const TestOutcome second = run_server_command(
        {"serve",
         "--data",
         (folder / "other").string(),
         "--database",
         "sqlite:" + (folder / "data/thimble.db").string(),
         "--listen",
         "127.0.0.1:0"});

    EXPECT_EQ(second.status, 75);
    EXPECT_NE(second.output.find("[server.already_running]"), std::string::npos) << second.output;
}

TEST(Serve, RefusesAFolderThatOthersCanRead) {
    const ScratchFolder folder;
    std::filesystem::create_directory(folder / "data");
    std::filesystem::permissions(folder / "data", std::filesystem::perms(0755));

    const TestOutcome outcome = run_server_command(
        {"serve", "--data", (folder / "data").string(), "--listen", "127.0.0.1:0"});

    EXPECT_EQ(outcome.status, 77);
    EXPECT_NE(outcome.output.find("[server.folder_exposed]"), std::string::npos);
}

TEST(SignIn, LocksOutAfterFiveFailures) {
    const ScratchFolder folder;
    RunningServer server(folder / "data");
    server.let_admin_in();
    for (int attempt = 0; attempt < 5; ++attempt) {
        EXPECT_EQ(server.ask(sign_in("wrong horse battery")).status, 403);
    }

    const TestAnswer locked = server.ask(sign_in("correct horse battery"));

    EXPECT_EQ(locked.status, 429);
    EXPECT_NE(locked.headers.find("Retry-After: "), std::string::npos);
    EXPECT_TRUE(server.as_admin({"GET", "/api/v1/audit?action=session.refuse"}).has("user:admin"));
}

TEST(SignIn, ChangesNeedTheCsrfHeaderAndSigningOutEndsTheSession) {
    const ScratchFolder folder;
    RunningServer server(folder / "data");
    server.let_admin_in();
    const std::string& cookie = server.admin_headers().front();
    const TestRequest token{
        "POST", "/api/v1/enrolment-tokens", R"({"name":"lab","group":"web"})", {cookie}};

    EXPECT_TRUE(server.ask(token).has("server.no_csrf"));
    EXPECT_EQ(server.ask({"GET", "/api/v1/session", "", {cookie}}).status, 200);
    EXPECT_EQ(server.as_admin({"DELETE", "/api/v1/session"}).status, 204);
    EXPECT_EQ(server.ask({"GET", "/api/v1/session", "", {cookie}}).status, 401);
}

TEST(SignIn, TheCookieIsForThisHostAndForNoScript) {
    const ScratchFolder folder;
    RunningServer server(folder / "data");
    server.let_admin_in();

    const TestAnswer answer = server.ask(sign_in("correct horse battery"));

    for (const char* part : {"Path=/;", "Secure;", "HttpOnly;", "SameSite=Strict"}) {
        EXPECT_NE(answer.headers.find(part), std::string::npos) << part;
    }
}

TEST(Api, NothingIsShownToWhoIsNotSignedIn) {
    const ScratchFolder folder;
    const RunningServer server(folder / "data");

    for (const char* path :
         {"/api/v1/hosts", "/api/v1/users", "/api/v1/audit", "/api/v1/events", "/api/v1/halt"}) {
        EXPECT_EQ(server.ask({"GET", path}).status, 401) << path;
    }
    EXPECT_EQ(
        server.ask({"GET", "/api/v1/hosts", "", {"Authorization: Bearer nonsense"}}).status, 401);
    EXPECT_EQ(server.ask({"GET", "/api/v1/nothing"}).status, 404);
    EXPECT_EQ(server.ask({"DELETE", "/api/v1/health"}).status, 405);
    EXPECT_EQ(server.ask({"GET", "/api/v1/../x"}).status, 400);
}

TEST(Api, ATokenMayDoWhatItSaysAndNoMore) {
    const ScratchFolder folder;
    RunningServer server(folder / "data");
    server.let_admin_in();
    const auto make = [&](const std::string& body) {
        return server.as_admin({"POST", "/api/v1/api-tokens", body}).text("token");
    };
    const std::string reader = make(R"({"name":"ci","actions":"read"})");
    const std::string scoped = make(R"({"name":"ci","actions":"read,operate","group":"db"})");
    const auto with = [&](const std::string& token, TestRequest request) {
        request.headers.push_back("Authorization: Bearer " + token);
        return server.ask(request).status;
    };
    const auto enrolment = [](const std::string& group) {
        return TestRequest{
            "POST", "/api/v1/enrolment-tokens", R"({"name":"x","group":")" + group + R"("})"};
    };

    const std::string scoped_administrator =
        make(R"({"name":"ci","actions":"read,operate,administer","group":"db"})");
    const std::string user = R"({"name":"eve","role":"administrator"})";

    EXPECT_EQ(with(scoped_administrator, {"POST", "/api/v1/users", user}), 403);
    EXPECT_EQ(with(scoped_administrator, {"DELETE", "/api/v1/enrolment-tokens/x"}), 403);
    EXPECT_EQ(
        with(reader, {"POST", "/api/v1/api-tokens", R"({"name":"x","actions":"read"})"}), 403);
    EXPECT_TRUE(
        server.ask({"POST", "/api/v1/users", user, {"Authorization: Bearer " + reader}})
            .has("this needs the action administer, which you have and this token has not: thimble "
                 "login --administer"));
    EXPECT_EQ(with(reader, {"GET", "/api/v1/hosts"}), 200);
    EXPECT_EQ(with(reader, enrolment("web")), 403);
    EXPECT_EQ(with(scoped, enrolment("web")), 403);
    EXPECT_EQ(with(scoped, enrolment("db")), 201);
    EXPECT_EQ(with(scoped, {"GET", "/api/v1/hosts"}), 200);
    EXPECT_EQ(with(scoped, {"GET", "/api/v1/audit"}), 403);
    EXPECT_EQ(with(scoped, {"PUT", "/api/v1/halt", R"({"why":"x"})"}), 403);
    EXPECT_EQ(
        with(scoped, {"POST", "/api/v1/api-tokens", R"({"name":"x","actions":"read"})"}), 403);
}

TEST(Api, ListsComeAsJsonCsvAndNdjsonWithCursorsAndTags) {
    const ScratchFolder folder;
    RunningServer server(folder / "data");
    server.let_admin_in();

    const TestAnswer first = server.as_admin({"GET", "/api/v1/audit?limit=2"});
    const TestAnswer second =
        server.as_admin({"GET", "/api/v1/audit?limit=1&cursor=" + first.text("next_cursor")});
    const TestAnswer csv = server.as_admin({"GET", "/api/v1/users", "", {"Accept: text/csv"}});
    const TestAnswer lines =
        server.as_admin({"GET", "/api/v1/audit", "", {"Accept: application/x-ndjson"}});

    EXPECT_TRUE(first.has("\"sequence\":1,") && first.has("\"sequence\":2,"));
    EXPECT_TRUE(second.has("\"sequence\":3,") && !second.has("\"sequence\":2,"));
    EXPECT_TRUE(csv.body.starts_with("id,name,role,created_at,disabled_at,group,subject\r\n"))
        << csv.body;
    EXPECT_TRUE(lines.body.starts_with("{\"sequence\":1,")) << lines.body;
    EXPECT_EQ(server.as_admin({"GET", "/api/v1/audit?limit=0"}).status, 400);
    EXPECT_EQ(server.as_admin({"GET", "/api/v1/audit?cursor=x"}).status, 400);
    EXPECT_EQ(server.as_admin({"GET", "/api/v1/audit?nothing=x"}).status, 400);
    const TestAnswer users = server.as_admin({"GET", "/api/v1/users"});
    const std::size_t tag = users.headers.find("ETag: ");
    ASSERT_NE(tag, std::string::npos);
    const std::string value = users.headers.substr(tag + 6, 34);
    EXPECT_EQ(
        server.as_admin({"GET", "/api/v1/users", "", {"If-None-Match: " + value}}).status, 304);
}

TEST(Api, AWriteWithAKeyIsDoneOnce) {
    const ScratchFolder folder;
    RunningServer server(folder / "data");
    server.let_admin_in();
    const TestRequest once{
        "POST", "/api/v1/users", R"({"name":"grace","role":"viewer"})", {"Idempotency-Key: 1"}};
    TestRequest other = once;
    other.body = R"({"name":"alan","role":"viewer"})";

    const TestAnswer first = server.as_admin(once);
    const TestAnswer again = server.as_admin(once);

    EXPECT_EQ(first.status, 201);
    EXPECT_EQ(again.status, 201);
    EXPECT_EQ(first.body, again.body);
    EXPECT_EQ(server.as_admin(other).status, 422);
    EXPECT_EQ(
        server.as_admin({"POST", "/api/v1/users", R"({"name":"grace","role":"viewer"})"}).status,
        409);
}

TEST(Api, TheLastAdministratorStays) {
    const ScratchFolder folder;
    RunningServer server(folder / "data");
    server.let_admin_in();
    const std::string id = server.as_admin({"GET", "/api/v1/users"}).text("id");

    EXPECT_EQ(
        server.as_admin({"PATCH", "/api/v1/users/" + id, R"({"disabled":true})"}).status, 409);
    EXPECT_EQ(
        server.as_admin({"PATCH", "/api/v1/users/" + id, R"({"role":"viewer"})"}).status, 409);
}

TEST(Api, RefusesBodiesAndHeadersBeyondTheLimits) {
    const ScratchFolder folder;
    const RunningServer server(folder / "data");

    EXPECT_EQ(
        server.ask({"POST", "/api/v1/session", std::string(70'000, ' '), {"Expect:"}}).status, 413);
    EXPECT_EQ(
        server.ask({"GET", "/api/v1/health", "", {"X: " + std::string(20'000, 'x')}}).status, 413);
    EXPECT_EQ(server.ask({"POST", "/api/v1/session", "no json"}).status, 400);
    EXPECT_EQ(server.ask({"GET", "/api/v1/health"}).status, 200);
}

TEST(Serve, OverPostgresqlAsOverSqlite) {
    if (const std::string why = store::why_no_postgresql(); !why.empty()) {
        GTEST_SKIP() << why;
    }
    const ScratchFolder folder;
    const store::ScratchPostgresql postgresql;
    ASSERT_TRUE(postgresql.is_running());
    RunningServer server(folder / "data", postgresql.option());
    server.let_admin_in();

    const std::string id = enrol_host(server, make_enrolment_token(server, false), folder / "host");

    EXPECT_EQ(server.as_admin({"GET", "/api/v1/hosts/" + id}).text("name"), "web1");
    EXPECT_EQ(server.stop(), 0);
    const TestOutcome check = run_server_command(
        {"server",
         "check",
         "--data",
         (folder / "data").string(),
         "--database",
         postgresql.option()});
    EXPECT_EQ(check.status, 0) << check.output;
    EXPECT_FALSE(std::filesystem::exists(folder / "data/thimble.db"));
}

TEST(Events, TellOfChangesFromTheLastOneThatWasSeen) {
    const ScratchFolder folder;
    RunningServer server(folder / "data");
    server.let_admin_in();
    make_enrolment_token(server, false);

    const std::string stream = server.stream_until(
        {"GET", "/api/v1/events", "", {"Last-Event-ID: 2"}}, "enrolment-token.create");

    EXPECT_NE(stream.find("id: 3\nevent: change\ndata: {"), std::string::npos) << stream;
    EXPECT_EQ(stream.find("id: 2\n"), std::string::npos);
}

}  // namespace thimble::cli
