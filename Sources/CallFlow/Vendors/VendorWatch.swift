package import CallDomain
import ServiceLifecycle

/// Asks each vendor how it is: once at the start, every few seconds while it is down, and where nothing was heard of it
/// for half a minute. Never with somebody's order.
package struct VendorWatch: Service {
    private static let interval = Duration.seconds(1)
    /// How long a probe's answer is waited for: a vendor that hangs must not put off the next probe.
    fileprivate static let patience = Duration.seconds(4)

    private let flow: CallFlow
    private let clock: any TimeSource

    package init(flow: CallFlow, clock: any TimeSource) {
        self.flow = flow
        self.clock = clock
    }

    private func watch(_ probe: () async -> Void) async {
        repeat { await probe() } while (try? await clock.sleep(for: Self.interval)) != nil
    }

    package func run() async {
        await cancelledByStop {
            // Each for itself: one that hangs does not put off the other's probe.
            async let twilio: Void = watch { await flow.probeTwilio() }
            await watch { await flow.probeUltravox() }
            await twilio
        }
    }
}

extension CallFlow {
    /// Asks Twilio how it is if nothing recent is known of it.
    func probeTwilio() async {
        await twilioGuard.probeIfDue { () throws(VendorFailure) in
            try await telephony.checkAccess(within: VendorWatch.patience)
        }
    }

    /// Asks Ultravox how it is if nothing recent is known of it.
    func probeUltravox() async {
        await ultravoxGuard.probeIfDue { () throws(VendorFailure) in
            try await platform.checkAccess(within: VendorWatch.patience)
        }
    }
}
