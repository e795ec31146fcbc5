import CallDomain
import Logging

extension CallFlow {
    /// Looks in the background whether the agent of `INBOUND_AGENT_ID` can take calls, so that the log says so before
    /// somebody calls. Nothing waits for it.
    package func checkInboundAgent() {
        guard let id = policy.inboundAgentID else { return }
        background.submit { [platform, logger] in
            let fault: InboundAgentFault?
            do throws(VendorFailure) {
                fault = try await platform.agent(id, within: CallPolicy.vendorPatience, for: .other).inboundFault
            } catch {
                guard case .refused(let refusal) = error, refusal.status == 404 else {
                    return logger.warning("could not check INBOUND_AGENT_ID", metadata: error.logMetadata)
                }
                fault = .notFound(id)
            }
            guard let fault else { return }
            logger.warning("INBOUND_AGENT_ID cannot take calls", metadata: ["reason": "\(fault)"])
        }
    }
}
