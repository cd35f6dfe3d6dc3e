#include "thimble/shield/engine_settings.hpp"

#include <gtest/gtest.h>

namespace thimble::shield {
namespace {

EngineSettings settings_of(std::string_view text) {
    EngineSettings settings;
    add_engine_settings(settings, text);
    return settings;
}

TEST(EngineSettings, NameTheLogOfAnEngine) {
    const auto settings = settings_of(
        "# SecAuditLog /no\nSecRuleEngine On\nsecauditlog \"/var/log/own.log\"\r\n"
        "SecAuditLogParts ABIJDEFHZ\nSecAuditLogType Serial\n");

    EXPECT_EQ(settings.audit_log, "/var/log/own.log");
    EXPECT_EQ(readable_log(settings), "/var/log/own.log");
}

TEST(EngineSettings, AreReadAsNginxPrintsThem) {
    const auto settings = settings_of(
        "server {\n  modsecurity on;\n  modsecurity_rules_file /etc/nginx/modsecurity.conf;\n"
        "  modsecurity_rules 'SecAuditLog /var/log/own.log\n    Include crs/*.conf\n  ';\n}\n");

    EXPECT_EQ(settings.audit_log, "/var/log/own.log");
    EXPECT_EQ(
        settings.included, (std::vector<std::string>{"/etc/nginx/modsecurity.conf", "crs/*.conf"}));
}

TEST(EngineSettings, SayWhenNothingCanBeReadFromALog) {
    const std::string log = "SecAuditLog /var/log/own.log\n";
    EXPECT_EQ(readable_log(settings_of("")), "");
    EXPECT_EQ(readable_log(settings_of(log + "SecAuditLogType Concurrent\n")), "");
    EXPECT_EQ(readable_log(settings_of(log + "SecAuditLogParts AHZ\n")), "") << "no marks";
    EXPECT_EQ(readable_log(settings_of(log + "SecAuditLogParts ABZ\n")), "") << "no rules";
    EXPECT_EQ(readable_log(settings_of(log + "SecAuditEngine Off\n")), "");
    EXPECT_EQ(readable_log(settings_of("SecAuditLog |/usr/bin/mlogc\n")), "");
}

}  // namespace
}  // namespace thimble::shield
