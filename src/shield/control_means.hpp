#pragma once
/// @file How one kind of control is put up on this host, looked at and taken away.

#include "thimble/base/result.hpp"
#include "thimble/mitigate/control.hpp"
#include "thimble/shield/control_record.hpp"
#include "thimble/shield/control_report.hpp"

#include <memory>
#include <string>
#include <vector>

namespace thimble::shield {

/// What can be done to one control. The record is kept by the caller.
class ControlMeans {
public:
    ControlMeans() = default;
    ControlMeans(const ControlMeans&) = delete;
    ControlMeans& operator=(const ControlMeans&) = delete;
    ControlMeans(ControlMeans&&) = delete;
    ControlMeans& operator=(ControlMeans&&) = delete;
    virtual ~ControlMeans() = default;

    /// What taking it away needs to know of the time before; asked before anything is changed.
    virtual Result<std::vector<FormerState>> remember() = 0;
    /// In the place of what stands under the same id. What fails may leave a part: then it is taken away.
    /// @param record  gets the digest of what is in force
    virtual Result<void> put_up(ControlRecord& record) = 0;
    /// Adds checks and open ways around to the report.
    virtual void look(const ControlRecord& record, ControlReport& report) = 0;
    /// Of a control that is half there, or not at all, too: twice is as good as once.
    virtual Result<void> take_away(const ControlRecord& record) = 0;
    /// Adds checks that nothing of it is left.
    virtual void look_for(const ControlRecord& record, ControlReport& report) = 0;
    /// Puts up again what the start of the machine has forgotten; there may be no network yet.
    virtual Result<void> restore(const ControlRecord& record) = 0;
};

/// Segmentation and isolation, by nftables.
std::unique_ptr<ControlMeans> filter_means(const std::string& id, const mitigate::Control& control);
/// Rules of a virtual patch in nginx or Apache.
std::unique_ptr<ControlMeans> web_means(
    const std::string& id, const mitigate::VirtualPatchDelivery& delivery);
/// Rules of the kernel's audit.
std::unique_ptr<ControlMeans> audit_means(
    const std::string& id, const mitigate::Monitoring& monitoring);
std::unique_ptr<ControlMeans> hardening_means(
    const std::string& id, const mitigate::Hardening& hardening, const std::string& folder);

/// @param folder  of its record, for what is too large for that
/// @error Unsupported "shield.external"  nothing of it is on this host
Result<std::unique_ptr<ControlMeans>> means_of(
    const std::string& id, const mitigate::Control& control, const std::string& folder);

}  // namespace thimble::shield
