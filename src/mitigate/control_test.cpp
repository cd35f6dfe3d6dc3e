#include "thimble/mitigate/control.hpp"

#include "thimble/mitigate/address_prefix.hpp"
#include "thimble/mitigate/unit_sandbox.hpp"

#include <gtest/gtest.h>
#include <rapidcheck.h>
#include <rapidcheck/gtest.h>

#include <algorithm>
#include <filesystem>
#include <fstream>
#include <iterator>
#include <utility>

namespace {

using namespace thimble::mitigate;

std::string settings_of(std::string_view kind, std::string_view settings) {
    return R"({"format":"thimble.control/1","kind":")" + std::string(kind) + R"(","settings":)"
        + std::string(settings) + "}";
}

std::string why_not(const std::string& text) {
    const auto control = text.starts_with('{') ? parse_control(text) : parse_control_file(text);
    return control ? "" : control.error().message;
}

std::vector<std::string> examples() {
    std::vector<std::string> texts;
    for (const auto& entry : std::filesystem::directory_iterator(THIMBLE_TESTDATA "/controls")) {
        std::ifstream file(entry.path());
        texts.emplace_back(std::istreambuf_iterator<char>(file), std::istreambuf_iterator<char>());
    }
    return texts;
}

TEST(Control, ParseOfFormatIsIdentityForEveryKind) {
    std::size_t kinds = 0;
    for (const std::string& text : examples()) {
        const auto control = parse_control_file(text);
        ASSERT_TRUE(control.has_value()) << control.error().text();
        const auto again = parse_control(format_control(*control));
        ASSERT_TRUE(again.has_value()) << again.error().text() << format_control(*control);
        EXPECT_EQ(*again, *control);
        kinds |= std::size_t{1} << static_cast<unsigned>(control->kind());
    }
    EXPECT_EQ(kinds, 0b111111U);
}

TEST(Control, HasOneForm) {
    const auto control = parse_control_file(
        "kind: segmentation\nsettings: {listeners: [{port: 80}], allow: 10.1.2.3/8}\n");

    ASSERT_TRUE(control.has_value()) << control.error().text();
    EXPECT_EQ(
        format_control(*control),
        settings_of(
            "segmentation",
            R"({"listeners":[{"protocol":"tcp","port":80}],"allow":["10.0.0.0/8"],"revert_seconds":60})"));
}

TEST(Control, RefusesWhatItDoesNotKnow) {
    EXPECT_NE(why_not(settings_of("firewall", "{}")).find("kind"), std::string::npos);
    EXPECT_NE(
        why_not(settings_of("external", R"({"what":"x","command":"rm"})")).find("not known"),
        std::string::npos);
    EXPECT_NE(
        why_not(R"({"format":"thimble.control/2","kind":"external","settings":{"what":"x"}})"), "");
    EXPECT_NE(
        why_not(settings_of(
            "external", R"({"what":")" + std::string(kMaxControlDocument, 'x') + "\"}")),
        "");
}

TEST(Control, IsJsonBetweenMachines) {
    EXPECT_EQ(parse_control("kind: external\nsettings: {what: x}\n").error().code, "base.bad_json");
}

TEST(Control, RefusesWhatIsNoText) {
    EXPECT_NE(
        why_not("kind: external\nsettings: {what: \"a\xff\"}\n").find("UTF-8"), std::string::npos);
    EXPECT_EQ(why_not("kind: external\nsettings: {what: \"ä\"}\n"), "");
}

TEST(Control, RefusesValuesThatCouldBeOptionsPathsOrPrograms) {
    for (
        const char* settings :
        {R"({"disable_unit":"--now.service"})",
         R"({"disable_unit":"cups"})",
         R"({"disable_unit":"a/../b.service"})",
         R"({"remove_package":"--purge"})",
         R"({"remove_package":"+x"})",
         R"({"remove_package":"cups:i386"})",
         R"({"remove_package":"a/../../b.deb"})",
         R"({"remove_package":"cups exim4"})",
         R"({"remove_package":"cups","disable_unit":"cups.service"})",
         R"({"blacklist_module":"-r"})",
         R"({"blacklist_module":"a b"})",
         R"({"sysctl":{"name":"../../etc/passwd","value":"1"}})",
         R"({"sysctl":{"name":"kernel..x","value":"1"}})",
         R"({"sysctl":{"name":".x","value":"1"}})",
         R"({"sysctl":{"name":"x.","value":"1"}})",
         R"({"sysctl":{"name":"kernel.core_pattern","value":"|/tmp/x"}})",
         R"({"sysctl":{"name":"kernel.modprobe","value":"/tmp/x"}})",
         R"({"sandbox":{"unit":"a.service","directives":{"ExecStartPre":"/bin/x"}}})",
         R"({"sandbox":{"unit":"a.service","directives":{"ProtectSystem":"no"}}})",
         R"({"sandbox":{"unit":"a.service","directives":{"IPAddressDeny":"any\n[Service]\nExecStart=/x"}}})",
         R"({"disable_unit":"cups.service","blacklist_module":"dccp"})",
         "{}"}) {
        EXPECT_NE(why_not(settings_of("hardening", settings)), "") << settings;
    }
    for (const char* path : {"etc/passwd", "/etc/../x", "/a b", "/a\\nb", "/"}) {
        EXPECT_NE(
            why_not(
                settings_of("monitoring", R"({"watch":[{"path":")" + std::string(path) + "\"}]}")),
            "")
            << path;
    }
}

TEST(Control, RefusesAnIsolationThatNobodyCouldEnd) {
    EXPECT_NE(why_not(settings_of("isolation", "{}")).find("keep"), std::string::npos);
    EXPECT_NE(why_not(settings_of("segmentation", R"({"listeners":[{"port":0}]})")), "");
    EXPECT_NE(
        why_not(
            settings_of("segmentation", R"({"listeners":[{"port":1}],"allow":["example.org"]})")),
        "");
    EXPECT_NE(
        why_not(settings_of("segmentation", R"({"listeners":[{"port":1}],"revert_seconds":1})")),
        "");
}

TEST(Control, NamesHostsThatProbeFromOutside) {
    const auto probing = [](const std::string& probe) {
        return settings_of(
            "segmentation",
            R"({"listeners":[{"port":80}],"probes":[{"from":"refused","address":"10.0.0.1","port":80)"
                + probe + "}]}");
    };
    const auto control = parse_control(probing(R"(,"host":"web-2.example","of":"web1")"));
    ASSERT_TRUE(control) << control.error().text();
    const ControlProbe& probe = std::get<Segmentation>(control->settings).probes.at(0);
    EXPECT_EQ(probe.host, "web-2.example");
    EXPECT_EQ(probe.of, "web1");
    EXPECT_EQ(*parse_control(format_control(*control)), *control);
    for (const char* const odd :
         {R"(,"host":"-x")",
          R"(,"host":"a b")",
          R"(,"host":"a","space":"b")",
          R"(,"host":"a","of":"../b")",
          R"(,"of":"b")"}) {
        EXPECT_NE(why_not(probing(odd)), "") << odd;
    }
    EXPECT_NE(
        why_not(settings_of(
            "segmentation",
            R"({"listeners":[{"port":80}],"probes":[{"from":"refused","address":"10.0.0.1",)"
            R"("port":81,"host":"a"}]})")),
        "")
        << "nobody guards that port";
    std::string many = R"({"from":"refused","address":"10.0.0.1","port":80,"host":"a"})";
    for (int i = 0; i < 16; ++i) {
        many += "," + many.substr(0, many.find('}') + 1);
    }
    EXPECT_NE(
        why_not(
            settings_of("segmentation", R"({"listeners":[{"port":80}],"probes":[)" + many + "]}")),
        "");
}

TEST(Control, TakesNamesAloneAsIds) {
    EXPECT_TRUE(is_control_id("c-4F_2"));
    for (const char* id : {"", "-a", "_a", "a/b", "..", "a b", "a;b", "a.b"}) {
        EXPECT_FALSE(is_control_id(id)) << id;
    }
    EXPECT_FALSE(is_control_id(std::string(65, 'a')));
}

TEST(AddressPrefix, HasOneForm) {
    EXPECT_EQ(prefix_in("10.1.2.3/9"), "10.0.0.0/9");
    EXPECT_EQ(prefix_in("10.1.2.3/32"), "10.1.2.3");
    EXPECT_EQ(prefix_in("2001:DB8:0:0::1/33"), "2001:db8::/33");
    EXPECT_EQ(prefix_in("0.0.0.0/0"), "0.0.0.0/0");
    for (const char* text :
         {"", "10.0.0", "10.0.0.0/33", "::/129", "fe80::1%eth0", "10.0.0.0/", "10.0.0.0/-1", "a"}) {
        EXPECT_EQ(prefix_in(text), std::nullopt) << text;
    }
    EXPECT_EQ(address_in("10.0.0.1/32"), std::nullopt);
}

TEST(AddressPrefix, HoldsTheAddressesOfItsNetwork) {
    EXPECT_TRUE(is_within("10.1.2.3", "10.0.0.0/8"));
    EXPECT_TRUE(is_within("10.1.2.3", "10.1.2.3"));
    EXPECT_TRUE(is_within("2001:db8::1", "2001:DB8::/32"));
    EXPECT_FALSE(is_within("11.1.2.3", "10.0.0.0/8"));
    EXPECT_FALSE(is_within("10.1.2.4", "10.1.2.3"));
    EXPECT_FALSE(is_within("::", "0.0.0.0/0"));
    EXPECT_FALSE(is_within("0.0.0.0", "::/0"));
    EXPECT_FALSE(is_within("10.1.2.3/9", "10.0.0.0/8"));
    EXPECT_FALSE(is_within("", "10.0.0.0/8"));
}

RC_GTEST_PROP(AddressPrefix, IsAFixedPoint, ()) {
    const auto bytes =
        *rc::gen::container<std::array<unsigned char, 4>>(rc::gen::arbitrary<unsigned char>());
    const auto bits = *rc::gen::inRange(0, 33);
    const std::string text = std::to_string(bytes[0]) + "." + std::to_string(bytes[1]) + "."
        + std::to_string(bytes[2]) + "." + std::to_string(bytes[3]) + "/" + std::to_string(bits);

    const auto form = prefix_in(text);

    RC_ASSERT(form.has_value());
    RC_ASSERT(prefix_in(*form) == form);
}

TEST(UnitSandbox, ComparesWhatIsSaid) {
    EXPECT_TRUE(is_same_sandbox("any", "::/0 0.0.0.0/0"));
    EXPECT_TRUE(is_same_sandbox("10.0.0.1", "10.0.0.1/32"));
    EXPECT_FALSE(is_same_sandbox("10.0.0.1", "10.0.0.0/8"));
    EXPECT_TRUE(is_same_sandbox("AF_UNIX AF_INET", "AF_INET AF_UNIX"));
    EXPECT_FALSE(is_same_sandbox("yes", "no"));
}

}  // namespace
