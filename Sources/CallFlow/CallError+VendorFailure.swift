import CallDomain
import Logging

extension CallError {
    init(_ failure: VendorFailure) {
        let source: Source = failure.vendor == .twilio ? .twilio : .ultravox
        switch failure {
        case .notSent: self.init(source: .gateway, code: "not_sent", message: failure.reason)
        case .noConnection: self.init(source: .gateway, code: "upstream_busy", message: failure.reason)
        case .refused(let refusal), .throttled(let refusal, _):
            self.init(source: source, code: String(refusal.code ?? refusal.status), message: refusal.message)
        case .unclear(_, let status, let reason):
            self.init(source: source, code: status.map(String.init) ?? "no_answer", message: reason)
        case .nonsense(_, let status, let reason): self.init(source: source, code: String(status), message: reason)
        }
    }
}

extension VendorFailure {
    /// What a log may hold of it: a vendor's own words, which may quote what it was sent, stay out.
    var logMetadata: Logger.Metadata {
        var metadata: Logger.Metadata = ["vendor": "\(vendor.rawValue)"]
        if let status { metadata["http.status"] = "\(status)" }
        if let code { metadata["vendor.code"] = "\(code)" }
        switch self {
        case .notSent, .noConnection, .unclear, .nonsense: metadata["reason"] = "\(reason)"
        case .refused, .throttled: break
        }
        return metadata
    }
}
