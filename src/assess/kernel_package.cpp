#include "thimble/assess/kernel_package.hpp"

#include "thimble/model/version_order.hpp"

namespace thimble::assess {
namespace {

constexpr std::string_view kImage = "linux-image-";

bool is_kernel_source(std::string_view source) {
    return source == "linux" || source.starts_with("linux-signed")
        || source.starts_with("linux-meta") || source == "linux-latest"
        || source.starts_with("linux-aws") || source.starts_with("linux-azure")
        || source.starts_with("linux-gcp") || source.starts_with("linux-hwe")
        || source.starts_with("linux-oem") || source.starts_with("linux-kvm")
        || source.starts_with("linux-raspi") || source.starts_with("linux-oracle")
        || source.starts_with("linux-lowlatency") || source.starts_with("linux-restricted-modules");
}

/// "linux-image-6.1.0-30-amd64[-unsigned]" → "6.1.0-30-amd64"; empty for meta and debug packages.
std::string_view image_release(std::string_view name) {
    if (name.starts_with("linux-image-unsigned-")) {
        name.remove_prefix(std::string_view("linux-image-unsigned-").size());
    } else if (name.starts_with(kImage)) {
        name.remove_prefix(kImage.size());
    } else {
        return {};
    }
    if (name.ends_with("-unsigned")) {
        name.remove_suffix(std::string_view("-unsigned").size());
    }
    const bool versioned = !name.empty() && name.front() >= '0' && name.front() <= '9';
    return versioned && !name.ends_with("-dbg") && !name.ends_with("-dbgsym") ? name
                                                                              : std::string_view{};
}

/// "6.1.0-30-cloud-amd64" → "cloud-amd64": what follows the ABI number.
std::string_view flavour(std::string_view release) {
    std::size_t dash = release.find('-');
    while (dash != std::string_view::npos) {
        const std::string_view rest = release.substr(dash + 1);
        if (!rest.empty() && (rest.front() < '0' || rest.front() > '9')) {
            return rest;
        }
        dash = release.find('-', dash + 1);
    }
    return {};
}

bool is_newer(const model::InstalledPackage& left, const model::InstalledPackage& right) {
    const model::VersionOrder* order = model::version_order_named(left.type);
    return order != nullptr && order->compare(left.version, right.version) > 0;
}

}  // namespace

KernelPackage kernel_package(const model::InstalledPackage& package) {
    if (package.type != "deb" || !is_kernel_source(package.source_name)) {
        return {};
    }
    const std::string_view release = image_release(package.name);
    return release.empty() ? KernelPackage{KernelRole::Companion, {}}
                           : KernelPackage{KernelRole::Image, std::string(release)};
}

KernelSource kernel_source(const model::InstalledPackage& image) {
    // The image of a signed source carries the version of the unsigned one; Ubuntu's too.
    constexpr std::string_view kSigned = "linux-signed";
    if (!image.source_name.starts_with(kSigned)) {
        return {image.source_name, image.source_version};
    }
    std::string_view rest = std::string_view(image.source_name).substr(kSigned.size());
    // Debian names the architecture ("-amd64"), Ubuntu the flavour ("-aws").
    for (const std::string_view architecture : {"-amd64", "-arm64", "-i386", "-armhf"}) {
        if (rest == architecture) {
            rest = {};
        }
    }
    return {"linux" + std::string(rest), image.version};
}

KernelChoice choose_kernel(
    const std::vector<model::InstalledPackage>& packages, const model::KernelState& kernel) {
    KernelChoice choice;
    std::optional<std::size_t> other;  // newest of another flavour
    const std::string_view wanted = flavour(kernel.running_release);
    for (std::size_t i = 0; i < packages.size(); ++i) {
        const KernelPackage found = kernel_package(packages[i]);
        if (found.role != KernelRole::Image) {
            continue;
        }
        ++choice.images;
        if (found.release == kernel.running_release) {
            choice.running = i;
        }
        const bool same_flavour = wanted.empty() || flavour(found.release) == wanted;
        std::optional<std::size_t>& newest = same_flavour ? choice.newest : other;
        if (!newest || is_newer(packages[i], packages[*newest])) {
            newest = i;
        }
    }
    // The running kernel came from no package and has no flavour: any image stands for what is here.
    choice.newest = choice.newest ? choice.newest : other;
    if (kernel.running_release.empty()) {
        choice.running = choice.newest;
    }
    return choice;
}

}  // namespace thimble::assess
