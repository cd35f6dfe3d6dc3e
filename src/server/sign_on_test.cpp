// The whole way through the handlers, with a provider in memory behind the port.
#include "thimble/base/digest.hpp"
#include "thimble/openid/signed_token_test.hpp"
#include "thimble/server/authentication.hpp"
#include "thimble/server/fleet_scene_test.hpp"
#include "thimble/server/handlers.hpp"
#include "thimble/server/parse_target.hpp"
#include "thimble/server/single_sign_on.hpp"
#include "thimble/store/identities.hpp"
#include "thimble/store/tokens.hpp"

namespace thimble::server {
namespace {

/// Answers every code with the token that was laid out.
class LaidOutWeb final : public openid::Web {
public:
    std::string keys;
    std::string token;
    bool answers = true;
    int posts = 0;

    Result<std::string> get(const std::string& address) override {
        if (!answers) {
            return failure(ErrorKind::Unavailable, "openid.no_answer", "down");
        }
        return address.ends_with("/keys")
            ? keys
            : R"({"issuer":"https://l.example","authorization_endpoint":"https://l.example/a",)"
              R"("token_endpoint":"https://l.example/t","jwks_uri":"https://l.example/keys"})";
    }
    Result<std::string> post(
        const std::string& /*address*/,
        const std::string& /*form*/,
        const std::string& /*authorization*/) override {
        ++posts;
        return R"({"id_token":")" + token + "\"}";
    }
};

std::string header_of(const Response& response, const std::string& start) {
    for (const auto& [name, value] : response.headers) {
        if (name == "Set-Cookie" && value.starts_with(start)) {
            return value;
        }
    }
    return {};
}

std::string between(const std::string& text, const std::string& before, const std::string& after) {
    const std::size_t at = text.find(before);
    return at == std::string::npos
        ? ""
        : text.substr(
              at + before.size(), text.find(after, at + before.size()) - at - before.size());
}

struct Scene {
    FleetScene fleet;
    openid::TestKey key{openid::Algorithm::EdDsa, "k1"};
    LaidOutWeb* web = nullptr;
    std::unique_ptr<SingleSignOn> sign_on;
    std::string cookie;  // of the attempt
    std::string state;

    explicit Scene(const std::string& more = "") {
        auto owned = std::make_unique<LaidOutWeb>();
        web = owned.get();
        web->keys = openid::key_set_of({&key});
        auto configuration = openid::parse_configuration(
            R"({"format":"thimble.oidc/1","issuer":"https://l.example","client_id":"thimble")"
            + more + "}");
        EXPECT_TRUE(configuration);
        sign_on = std::make_unique<SingleSignOn>(
            std::move(owned),
            openid::Provider(*configuration, "secret", "https://f.example/sso/callback", *web));
        fleet.context.sign_on = sign_on.get();
        add({"a0", "root", store::Role::Administrator, "", fleet.clock.now(), {}});
    }

    void add(const store::Account& account, const std::string& subject = "") {
        ASSERT_TRUE(fleet.database.transact([&](store::Connection& connection) -> Result<void> {
            THIMBLE_TRY(store::add_account(connection, account));
            return subject.empty()
                ? Result<void>()
                : store::set_identity(
                      connection, account.id, {"https://l.example", subject}, fleet.clock.now());
        }));
    }
    void add_ada() { add({"a1", "ada", store::Role::Operator, "", fleet.clock.now(), {}}, "s-1"); }
    store::Account account(const std::string& name) {
        const auto found = fleet.database.look([&](store::Connection& connection) {
            return store::account_of_name(connection, name);
        });
        EXPECT_TRUE(found) << name;
        return found->value_or(store::Account{});
    }

    Response ask(Result<Answer> (*handler)(Context&, const Call&), Request request) {
        request.peer_address = "192.0.2.7";
        request.now = fleet.clock.now();
        const std::vector<std::string> parameters;
        const auto answer = handler(fleet.context, Call{request, parameters});
        if (!answer) {
            return Response{0, "", answer.error().code, {}};
        }
        return std::get<Response>(*answer);
    }
    Request get(const std::string& target) const {
        Request request;
        request.method = Method::Get;
        request.target = *parse_target(target);
        if (!cookie.empty()) {
            request.headers.emplace_back("cookie", "__Host-thimble-sign-on=" + cookie);
        }
        return request;
    }
    Response start(const std::string& target = "/sso") {
        Response response = ask(start_sign_on, get(target));
        cookie = between(header_of(response, "__Host-thimble-sign-on="), "=", ";");
        state = between(
            response.headers.empty() ? "" : response.headers.front().second, "&state=", "&");
        return response;
    }
    /// Comes back with a good token of that subject.
    Response come_back(const std::string& subject, const std::string& more = "") {
        const auto seconds = fleet.clock.now().time_since_epoch().count();
        web->token = key.token(
            R"({"iss":"https://l.example","aud":"thimble","sub":")" + subject + R"(","nonce":")"
            + openid::attempt_of(cookie).nonce + R"(","iat":)" + std::to_string(seconds)
            + R"(,"exp":)" + std::to_string(seconds + 300) + more + "}");
        return ask(finish_sign_on, get("/sso/callback?code=c&state=" + state));
    }
    std::string audited() {
        std::string text;
        const auto rows = fleet.database.look([](store::Connection& connection) {
            return connection.query("SELECT actor, action, reason FROM audit ORDER BY sequence");
        });
        for (const store::Row& row : *rows) {
            text += store::text_at(row, 0) + " " + store::text_at(row, 1) + " "
                + store::text_at(row, 2) + "\n";
        }
        return text;
    }
};

}  // namespace

TEST(SignOn, SendsTheBrowserToTheProviderWithACookieForThisHostOnly) {
    Scene scene;

    const Response sent = scene.start();

    EXPECT_EQ(sent.status, 302U);
    EXPECT_TRUE(sent.headers.front().second.starts_with("https://l.example/a?"));
    EXPECT_TRUE(header_of(sent, "__Host-thimble-sign-on=")
                    .ends_with("; Path=/; Max-Age=600; Secure; HttpOnly; SameSite=Lax"));
    EXPECT_EQ(scene.state.size(), 64U);
}

TEST(SignOn, GivesTheSessionOfAnyOtherSignIn) {
    Scene scene;
    scene.add_ada();
    scene.start();

    const Response back = scene.come_back("s-1");

    EXPECT_EQ(back.status, 200U);
    EXPECT_NE(back.body.find("You are signed in as ada."), std::string::npos) << back.body;
    const std::string cookie = header_of(back, "__Host-thimble-session=");
    EXPECT_TRUE(cookie.ends_with("; Path=/; Max-Age=43200; Secure; HttpOnly; SameSite=Strict"));
    const auto account = scene.fleet.database.look([&](store::Connection& connection) {
        return store::account_of_session(
            connection, sha256_of(between(cookie, "=", ";")), scene.fleet.clock.now());
    });
    ASSERT_TRUE(account);
    EXPECT_EQ(account->value_or(store::Account{}).name, "ada");
    EXPECT_NE(
        scene.audited().find("user:ada session.create from 192.0.2.7 by https://l.example"),
        std::string::npos);
}

TEST(SignOn, RefusesABrowserThatDidNotBeginIt) {
    Scene scene;
    scene.add_ada();
    scene.start();
    const std::string state = scene.state;
    const std::string cookie = scene.cookie;

    scene.cookie = "";  // another browser, led here by another site
    EXPECT_EQ(scene.come_back("s-1").status, 403U);
    scene.start();  // its own attempt, and the state of another's
    scene.state = state;
    EXPECT_EQ(scene.come_back("s-1").status, 403U);
    EXPECT_EQ(scene.web->posts, 0);
    scene.cookie = cookie;
    EXPECT_EQ(scene.come_back("s-1").status, 200U);
}

TEST(SignOn, RefusesAnUnknownPersonWhateverItsNameAndAddress) {
    Scene scene;
    scene.add_ada();
    scene.start();

    const Response back = scene.come_back(
        "s-2", R"(,"preferred_username":"ada","email":"ada@example.com","email_verified":true)");

    EXPECT_EQ(back.status, 403U);
    EXPECT_NE(back.body.find("--oidc s-2"), std::string::npos) << back.body;
    EXPECT_TRUE(header_of(back, "__Host-thimble-session=").empty());
    EXPECT_NE(
        scene.audited().find(
            "session.refuse from 192.0.2.7: by the provider: server.unknown_person"),
        std::string::npos);
}

TEST(SignOn, ShowsNoMarkupOfAnybody) {
    Scene scene;
    scene.start();

    const Response back = scene.come_back("<script>alert(1)</script>");

    EXPECT_EQ(back.body.find("<script"), std::string::npos);
    EXPECT_NE(back.body.find("&lt;script&gt;"), std::string::npos);
}

TEST(SignOn, RefusesADisabledAccount) {
    Scene scene;
    scene.add_ada();
    ASSERT_TRUE(scene.fleet.database.transact([&](store::Connection& connection) {
        return store::set_disabled(connection, "a1", scene.fleet.clock.now());
    }));
    scene.start();

    EXPECT_EQ(scene.come_back("s-1").status, 403U);
}

TEST(SignOn, LocksAnAddressThatFailsOften) {
    Scene scene;
    scene.add_ada();
    for (int attempt = 0; attempt < 5; ++attempt) {
        scene.start();
        EXPECT_EQ(scene.come_back("s-2").status, 403U);
    }

    EXPECT_EQ(scene.start().status, 429U);
    scene.fleet.clock.go(std::chrono::seconds(30));
    scene.start();
    EXPECT_EQ(scene.come_back("s-1").status, 200U);
}

TEST(SignOn, TellsAProviderThatIsAwayAndCountsNothing) {
    Scene scene;
    scene.web->answers = false;

    for (int attempt = 0; attempt < 10; ++attempt) {
        EXPECT_EQ(scene.start().status, 503U);
    }

    EXPECT_EQ(scene.audited(), "");
}

constexpr const char* kRules =
    R"(,"unknown_people":"admit","rules":[{"claim":"groups","value":"ops","role":"operator",)"
    R"("group":"web"},{"claim":"groups","value":"all","role":"viewer"}])";

TEST(SignOn, AdmitsUnknownPeopleByRulesOnly) {
    Scene scene(kRules);
    scene.start();
    EXPECT_EQ(scene.come_back("s-3", R"(,"preferred_username":"eve","groups":["x"])").status, 403U);
    scene.start();
    EXPECT_EQ(
        scene.come_back("s-3", R"(,"preferred_username":"eve","groups":["ops"])").status, 200U);

    EXPECT_EQ(scene.account("eve").role, store::Role::Operator);
    EXPECT_EQ(scene.account("eve").host_group, "web");
    scene.start();
    EXPECT_EQ(
        scene.come_back("s-4", R"(,"preferred_username":"eve","groups":["ops"])").status, 403U);
    scene.start();
    EXPECT_EQ(
        scene.come_back("s-4", R"(,"preferred_username":"E V","groups":["ops"])").status, 403U);
}

TEST(SignOn, GivesTheRoleOfTheRulesEachTime) {
    Scene scene(kRules);
    scene.add_ada();
    scene.start();

    EXPECT_EQ(scene.come_back("s-1", R"(,"groups":["all"])").status, 200U);

    EXPECT_EQ(scene.account("ada").role, store::Role::Viewer);
    EXPECT_NE(scene.audited().find("server user.change rule groups all"), std::string::npos);
}

TEST(SignOn, LeavesTheLastAdministrator) {
    Scene scene(kRules);
    ASSERT_TRUE(scene.fleet.database.transact([&](store::Connection& connection) {
        return store::set_identity(
            connection, "a0", {"https://l.example", "s-0"}, scene.fleet.clock.now());
    }));
    scene.start();

    EXPECT_EQ(scene.come_back("s-0", R"(,"groups":["all"])").status, 403U);
    EXPECT_EQ(scene.account("root").role, store::Role::Administrator);
}

TEST(SignOnCode, LetsTheTerminalInThatAskedForItOnce) {
    Scene scene;
    scene.add_ada();
    const std::string verifier = "what the terminal alone knows";
    scene.start("/sso?challenge=" + sha256_of(verifier));
    const Response back = scene.come_back("s-1");
    const std::string code = between(back.body, "<code>", "</code>");
    const auto redeem = [&](const std::string& by) {
        Request request;
        request.method = Method::Post;
        request.body = R"({"code":")" + code + R"(","verifier":")" + by + "\"}";
        return scene.ask(redeem_sign_on, request);
    };
    ASSERT_EQ(code.size(), 43U) << back.body;

    EXPECT_TRUE(header_of(back, "__Host-thimble-session=").empty());
    EXPECT_EQ(redeem("another terminal").body, "server.bad_code");
    const Response opened = redeem(verifier);
    EXPECT_EQ(opened.status, 200U);
    EXPECT_NE(opened.body.find(R"("user":"ada")"), std::string::npos);
    EXPECT_FALSE(header_of(opened, "__Host-thimble-session=").empty());
    EXPECT_EQ(redeem(verifier).body, "server.bad_code");
}

TEST(SignOnCode, EndsAfterFiveMinutes) {
    Scene scene;
    scene.add_ada();
    scene.start("/sso?challenge=" + sha256_of("v"));
    const std::string code = between(scene.come_back("s-1").body, "<code>", "</code>");
    scene.fleet.clock.go(std::chrono::minutes(5));
    Request request;
    request.method = Method::Post;
    request.body = R"({"code":")" + code + R"(","verifier":"v"})";

    EXPECT_EQ(scene.ask(redeem_sign_on, request).body, "server.bad_code");
}

TEST(SignOn, IsNotThereWithoutAConfiguration) {
    Scene scene;
    scene.fleet.context.sign_on = nullptr;

    EXPECT_EQ(scene.ask(start_sign_on, scene.get("/sso")).body, "server.no_provider");
    EXPECT_EQ(scene.ask(finish_sign_on, scene.get("/sso/callback")).body, "server.no_provider");
}

TEST(Account, OfOneHostGroupAndItsTokensReachNoFurther) {
    Scene scene;
    scene.add({"b1", "bob", store::Role::Operator, "", scene.fleet.clock.now(), {}, "web"});
    const auto group_of = [&](const std::string& token_group) {
        const std::string secret = "secret of " + token_group;
        const Instant now = scene.fleet.clock.now();
        EXPECT_TRUE(scene.fleet.database.transact([&](store::Connection& connection) {
            return store::add_api_token(
                connection,
                {"t" + token_group,
                 sha256_of(secret),
                 "b1",
                 "n",
                 "read,operate",
                 token_group,
                 now,
                 now + Days(1)});
        }));
        Request request;
        request.headers.emplace_back("authorization", "Bearer " + secret);
        request.now = now;
        const auto principal = authenticate(scene.fleet.context, request);
        EXPECT_TRUE(principal);
        return principal && !principal->actions.empty() ? principal->host_group : "nothing";
    };

    EXPECT_EQ(group_of("*"), "web");
    EXPECT_EQ(group_of("web"), "web");
    EXPECT_EQ(group_of("db"), "nothing");
}

TEST(Account, OfOneHostGroupMakesNoTokenBeyondIt) {
    Scene scene;
    const Principal bob{
        "user:bob",
        {"b1", "bob", store::Role::Viewer, "", {}, {}, "web"},
        {Action::Read},
        "web",
        "of a session",
        ""};
    scene.add({"b1", "bob", store::Role::Viewer, "", scene.fleet.clock.now(), {}, "web"});
    const std::vector<std::string> parameters;
    const auto made = [&](const std::string& group) {
        Request request;
        request.body = R"({"name":"n","actions":"read")" + group + "}";
        request.now = scene.fleet.clock.now();
        const auto answer = create_api_token(scene.fleet.context, Call{request, parameters, &bob});
        return answer ? "made" : answer.error().code;
    };

    EXPECT_EQ(made(R"(,"group":"*")"), "server.not_allowed");
    EXPECT_EQ(made(R"(,"group":"db")"), "server.not_allowed");
    EXPECT_EQ(made(R"(,"group":"web")"), "made");
    EXPECT_EQ(made(""), "made");
    EXPECT_EQ(
        store::text_at(scene.fleet.rows("SELECT DISTINCT host_group FROM api_token").at(0), 0),
        "web");
}

}  // namespace thimble::server
