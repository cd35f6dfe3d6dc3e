#include "thimble/verify/running_interpreters.hpp"

#include "thimble/inventory/fake_host_test.hpp"

#include <gtest/gtest.h>

#include <string>

namespace thimble::verify {
namespace {

TEST(LanguageOfModule, KnowsWhereEachLanguageLooks) {
    EXPECT_EQ(
        language_of_module("/usr/lib/python3/dist-packages/urllib3/util.py"), Language::Python);
    EXPECT_EQ(language_of_module("/usr/lib/python3.11/ssl.py"), Language::Python);
    EXPECT_EQ(language_of_module("/usr/share/perl5/LWP.pm"), Language::Perl);
    EXPECT_EQ(language_of_module("/usr/lib/ruby/vendor_ruby/rack.rb"), Language::Ruby);
    EXPECT_EQ(language_of_module("/usr/share/java/tomcat9-catalina.jar"), Language::Java);
    EXPECT_EQ(language_of_module("/usr/share/nodejs/qs/lib/parse.js"), Language::JavaScript);
    EXPECT_EQ(language_of_module("/usr/share/php/Twig/Node.php"), Language::Php);
    EXPECT_EQ(language_of_module("/usr/share/gdb/auto-load/libglib.py"), std::nullopt)
        << "no program of Python finds it there";
    EXPECT_EQ(language_of_module("/usr/lib/python3/dist-packages/numpy/core.so"), std::nullopt)
        << "a process maps it";
}

TEST(LanguageOfProcess, GoesByTheProgramElseByItsLibraries) {
    EXPECT_EQ(language_of_process("/usr/bin/python3.11", ""), Language::Python);
    EXPECT_EQ(
        language_of_process(
            "/usr/sbin/apache2",
            "7f00-7f01 r-xp 0 08:01 1 /usr/lib/apache2/modules/mod_wsgi.so\n"
            "7f01-7f02 r-xp 0 08:01 2 /usr/lib/x86_64-linux-gnu/libpython3.11.so.1.0\n"),
        Language::Python);
    EXPECT_EQ(language_of_process("/usr/sbin/sshd", "7f00-7f01 rw-p 0 00:00 0\n"), std::nullopt);
    EXPECT_EQ(language_of_process("/usr/bin/nodejs", ""), Language::JavaScript);
    EXPECT_EQ(language_of_process("/usr/sbin/php-fpm8.2", ""), Language::Php);
    EXPECT_EQ(language_of_process("/usr/bin/node_exporter", ""), std::nullopt);
}

TEST(ReadInterpreters, TellsUnitAndStart) {
    inventory::FakeHost host;
    const std::string rest = " S 1 1 1 0 -1 4194560 1 1 1 1 1 1 1 1 20 0 1 0 ";
    host.files["/proc/12/stat"] = "12 (gunicorn)" + rest + "500 1 1 1";
    host.files["/proc/12/cgroup"] = "0::/system.slice/shop.service\n";
    host.links["/proc/12/exe"] = "/usr/bin/python3.11";
    host.files["/proc/13/stat"] = "13 (sshd)" + rest + "500 1 1 1";
    host.links["/proc/13/exe"] = "/usr/sbin/sshd";
    const Instant booted_at{std::chrono::days(20'000)};

    const auto found = read_interpreters(host, booted_at);

    ASSERT_EQ(found.size(), 1U);
    EXPECT_EQ(found[0].language, Language::Python);
    EXPECT_EQ(found[0].process.pid, 12U);
    EXPECT_EQ(found[0].process.unit, "shop.service");
    EXPECT_EQ(found[0].started_at, booted_at + std::chrono::seconds(5));
}

TEST(ReadInterpreters, LeavesOutWhoHasModulesOfTheirOwn) {
    inventory::FakeHost host;
    const std::string rest = " S 1 1 1 0 -1 4194560 1 1 1 1 1 1 1 1 20 0 1 0 500 1 1 1";
    const auto add = [&](const std::string& pid, const std::string& executable) {
        host.files["/proc/" + pid + "/stat"] = pid + " (x)" + rest;
        host.links["/proc/" + pid + "/exe"] = executable;
    };
    add("20", "/usr/bin/python3.11");
    add("21", "/opt/app/bin/python3.12");
    add("22", "/usr/local/bin/python3.12");
    add("23", "/usr/share/search/jdk/bin/java");
    add("24", "/usr/bin/python3.11");
    host.infos["/"] = {.type = host::FileType::Directory, .inode = 2};
    host.infos["/proc/20/root"] = host.infos["/"];
    host.infos["/proc/24/root"] = {.type = host::FileType::Directory, .inode = 700};

    const auto found = read_interpreters(host, Instant());

    ASSERT_EQ(found.size(), 1U);
    EXPECT_EQ(found[0].process.pid, 20U);
}

}  // namespace
}  // namespace thimble::verify
