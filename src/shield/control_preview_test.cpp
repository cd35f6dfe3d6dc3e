#include "thimble/shield/control_preview.hpp"

#include <gtest/gtest.h>

namespace thimble::shield {
namespace {

std::string preview_of(const mitigate::ControlSettings& settings) {
    const auto text = control_preview("c-1", {settings});
    return text ? *text : text.error().text();
}

TEST(ControlPreview, ShowsWhatWouldBePutUpWhere) {
    mitigate::Segmentation segmentation;
    segmentation.listeners = {{mitigate::Transport::Tcp, 80}};
    EXPECT_TRUE(preview_of(segmentation).starts_with("# nft -f -\nadd table inet thimble_c-1\n"));
    EXPECT_EQ(
        preview_of(mitigate::Monitoring{{{"/etc/passwd", "wa"}}, {}, 10}),
        "# /etc/audit/rules.d/thimble-c-1.rules\n-w /etc/passwd -p wa -k thimble-c-1.\n");
    EXPECT_EQ(
        preview_of(mitigate::Hardening(mitigate::DisabledUnit{"cups.service"})),
        "# systemctl disable --now, systemctl mask\ncups.service\n");
    EXPECT_EQ(
        preview_of(mitigate::Hardening(mitigate::RemovedPackage{"cups"})),
        "# removed by apt, if nothing needs it; its archive is kept to put it back\ncups\n");
    EXPECT_EQ(
        preview_of(mitigate::Hardening(mitigate::KernelSetting{"a.b", "1"})),
        "# /etc/sysctl.d/zz-thimble-c-1.conf\na.b = 1\n");
    EXPECT_EQ(
        preview_of(mitigate::ExternalControl{"a switch", ""}),
        "# nothing on this host\na switch\n");
}

}  // namespace
}  // namespace thimble::shield
