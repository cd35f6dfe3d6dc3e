#include "thimble/model/version_order.hpp"

#include "thimble/model/detail/orders.hpp"
#include "thimble/model/detail/version_text.hpp"

#include <algorithm>
#include <array>
#include <span>
#include <string_view>

namespace thimble::model {

namespace {

// A new ecosystem is one line here, and its other names below.
constexpr std::array kOrders = {
    VersionOrder{"dpkg", detail::check_dpkg_version, detail::compare_dpkg_versions},
    VersionOrder{"rpm", detail::check_rpm_version, detail::compare_rpm_versions},
    VersionOrder{"apk", detail::check_apk_version, detail::compare_apk_versions},
    VersionOrder{"npm", detail::check_npm_version, detail::compare_npm_versions},
    VersionOrder{"PyPI", detail::check_pypi_version, detail::compare_pypi_versions},
    VersionOrder{"crates.io", detail::check_crates_version, detail::compare_crates_versions},
    VersionOrder{"Go", detail::check_go_version, detail::compare_go_versions},
};

struct OtherName {
    std::string_view name;  ///< lower case
    std::string_view order;
};

// OSV ecosystems and purl types whose packages one of the orders above serves.
constexpr std::array kOtherNames = {
    OtherName{"deb", "dpkg"},
    OtherName{"debian", "dpkg"},
    OtherName{"ubuntu", "dpkg"},
    OtherName{"echo", "dpkg"},
    OtherName{"red hat", "rpm"},
    OtherName{"redhat", "rpm"},
    OtherName{"rhel", "rpm"},
    OtherName{"almalinux", "rpm"},
    OtherName{"rocky linux", "rpm"},
    OtherName{"rocky", "rpm"},
    OtherName{"centos", "rpm"},
    OtherName{"fedora", "rpm"},
    OtherName{"suse", "rpm"},
    OtherName{"opensuse", "rpm"},
    OtherName{"oracle", "rpm"},
    OtherName{"oracle linux", "rpm"},
    OtherName{"amazon", "rpm"},
    OtherName{"amazon linux", "rpm"},
    OtherName{"azure linux", "rpm"},
    OtherName{"openeuler", "rpm"},
    OtherName{"mageia", "rpm"},
    OtherName{"photon os", "rpm"},
    OtherName{"alpine", "apk"},
    OtherName{"alpaquita", "apk"},
    OtherName{"bellsoft hardened containers", "apk"},
    OtherName{"chainguard", "apk"},
    OtherName{"minimos", "apk"},
    OtherName{"wolfi", "apk"},
    OtherName{"node", "npm"},
    OtherName{"semver", "npm"},
    OtherName{"pep440", "pypi"},
    OtherName{"python", "pypi"},
    OtherName{"cargo", "crates.io"},
    OtherName{"crates", "crates.io"},
    OtherName{"golang", "go"},
};

bool equals_ignoring_case(std::string_view left, std::string_view right) {
    return std::ranges::equal(left, right, {}, detail::to_lower, detail::to_lower);
}

}  // namespace

std::span<const VersionOrder> version_orders() {
    return kOrders;
}

const VersionOrder* version_order_named(std::string_view name) {
    name = name.substr(0, name.find(':'));
    const auto* other = std::ranges::find_if(kOtherNames, [name](const OtherName& candidate) {
        return equals_ignoring_case(candidate.name, name);
    });
    if (other != kOtherNames.end()) {
        name = other->order;
    }
    const auto* order = std::ranges::find_if(kOrders, [name](const VersionOrder& candidate) {
        return equals_ignoring_case(candidate.name, name);
    });
    return order == kOrders.end() ? nullptr : order;
}

}  // namespace thimble::model
