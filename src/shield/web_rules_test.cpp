#include "thimble/shield/web_rules.hpp"

#include "thimble/shield/http_ask.hpp"

#include <gtest/gtest.h>

namespace thimble::shield {
namespace {

using mitigate::VirtualPatchDelivery;
using mitigate::WebServer;

VirtualPatchDelivery delivery() {
    VirtualPatchDelivery settings;
    settings.patch.name = "no-setup";
    settings.patch.covers = {"CVE-2024-0001"};
    settings.patch.path_match = mitigate::PathMatch::Exact;
    settings.patch.path = "/setup";
    settings.patch.attack = mitigate::AttackClass::BlockedEndpoint;
    settings.patch.first_id = 70100;
    return settings;
}

TEST(WebRules, AreAFileAndWhatIncludesIt) {
    const auto files = web_files("c-1", delivery());

    ASSERT_TRUE(files.has_value());
    ASSERT_EQ(files->size(), 2U);
    EXPECT_EQ((*files)[0].path, "/etc/thimble/controls/c-1.conf");
    EXPECT_NE((*files)[0].text.find(",pass,"), std::string::npos) << "first detection only";
    EXPECT_EQ(
        (*files)[1],
        (OwnedFile{
            "/etc/nginx/conf.d/thimble-c-1.conf",
            "modsecurity_rules_file /etc/thimble/controls/c-1.conf;\n"}));
    VirtualPatchDelivery apache = delivery();
    apache.server = WebServer::Apache;
    EXPECT_EQ(
        web_files("c-1", apache)->back(),
        (OwnedFile{
            "/etc/apache2/conf-enabled/thimble-c-1.conf",
            "Include /etc/thimble/controls/c-1.conf\n"}));
}

TEST(WebRules, SwitchTheEngineOnWhereNobodyElseHasOne) {
    EXPECT_FALSE(has_own_engine(
        "# configuration file /etc/nginx/nginx.conf:\nload_module modules/modsecurity.so;\n"
        "# configuration file /etc/nginx/conf.d/thimble.engine.conf:\nmodsecurity on;\n"
        "# configuration file /etc/nginx/conf.d/thimble-c-1.conf:\nmodsecurity_rules_file /x;\n"));
    EXPECT_TRUE(has_own_engine(
        "# configuration file /etc/nginx/conf.d/thimble-c-1.conf:\nmodsecurity_rules_file /x;\n"
        "# configuration file /etc/nginx/sites-enabled/a:\nserver {\n  modsecurity on;\n"));
    EXPECT_NE(engine_files(WebServer::Nginx)[1].text.find("modsecurity on;"), std::string::npos);
    EXPECT_NE(
        engine_files(WebServer::Apache)[0].text.find("SecAuditLogParts AHZ\n"), std::string::npos)
        << "no headers, which hold passwords";
}

constexpr const char* kLog =
    "---a---A--\n---a---B--\nX-Thimble-Check: thimble-1\n---a---H--\n[id \"12\"]\n"
    "ModSecurity: Access denied with code 403 (phase 2). [id \"70101\"]\n---a---Z--\n"
    "---b---A--\n---b---B--\nX-Thimble-Check: thimble-2\n---b---H--\n[id \"12\"]\n"
    "ModSecurity: Access denied with code 403 (phase 2). [id \"949110\"]\n---b---Z--\n"
    "---c---A--\n---c---H--\n[id \"70103\"] [data \"thimble-4\"]\n";

TEST(WebRules, FindTheirMatchInTheLogOfOneRequest) {
    const auto& patch = delivery().patch;

    EXPECT_EQ(logged_request(kLog, "thimble-1", patch), (LoggedRequest{70101U, "70101"}));
    EXPECT_EQ(logged_request(kLog, "thimble-2", patch), (LoggedRequest{{}, "949110"}))
        << "another's rule";
    EXPECT_EQ(logged_request(kLog, "thimble-3", patch), LoggedRequest());
    EXPECT_EQ(logged_request(kLog, "thimble-4", patch), (LoggedRequest{70103U, ""}))
        << "the mark is behind the rule";
}

TEST(HttpAsk, SendsARequestAsItIsWritten) {
    EXPECT_EQ(
        request_bytes({"GET", "/a/../b?x=%2e", {{"Accept", "*/*"}}, ""}, "h", "m"),
        "GET /a/../b?x=%2e HTTP/1.1\r\nHost: h\r\nX-Thimble-Check: m\r\nConnection: close\r\n"
        "Accept: */*\r\n\r\n");
    EXPECT_EQ(
        request_bytes(
            {"POST", "/", {{"host", "other"}, {"Transfer-Encoding", "chunked"}}, "0\r\n\r\n"},
            "h",
            "m"),
        "POST / HTTP/1.1\r\nX-Thimble-Check: m\r\nConnection: close\r\nhost: other\r\n"
        "Transfer-Encoding: chunked\r\n\r\n0\r\n\r\n");
    EXPECT_NE(
        request_bytes({"POST", "/", {}, "abc"}, "h", "m").find("Content-Length: 3\r\n"),
        std::string::npos);
}

TEST(HttpAsk, ReadsTheStatusAlone) {
    EXPECT_EQ(status_in("HTTP/1.1 403 Forbidden\r\n"), 403);
    EXPECT_EQ(status_in("HTTP/1.1 40"), 0);
    EXPECT_EQ(status_in("SSH-2.0-OpenSSH_9.2p1 Debian\r\n"), 0);
}

}  // namespace
}  // namespace thimble::shield
