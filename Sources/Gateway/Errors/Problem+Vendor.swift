import CallDomain
import CallFlow
import HTTPTypes

extension Problem {
    /// What a vendor's failure means for the client that asked.
    init(_ failure: VendorFailure) {
        let name = failure.vendor.name
        switch failure {
        case .notSent(_, let reason):
            self.init(
                .upstreamUnavailable,
                "\(name) could not be reached and received no request (\(reason)). Try again shortly."
            )
            headers[.retryAfter] = "5"
        case .noConnection:
            self.init(
                .upstreamBusy,
                "Every connection of this gateway to \(name) for this kind of request was in use, so nothing was sent. "
                    + VendorFailure.adviceWithoutConnection
            )
            headers[.retryAfter] = "2"
        case .throttled(let refusal, let retryAfter):
            self.init(.upstreamUnavailable, "\(name) asks to slow down: \(refusal.sentence) Try again later.")
            upstream = refusal
            headers[.retryAfter] = String(max(1, retryAfter?.wholeSeconds ?? 5))
        case .unclear(_, _, let reason):
            self.init(.upstreamUnavailable, "\(name) gave no usable answer (\(reason)). Try again shortly.")
            headers[.retryAfter] = "5"
        case .nonsense(_, _, let reason):
            self.init(
                .upstreamError,
                "\(name) sent an invalid answer (\(reason)). If this continues, check \(name)'s status page."
            )
        case .refused(let refusal):
            self.init(refusal)
            upstream = refusal
        }
    }

    /// What a vendor's own "no" means, by whose mistake it is.
    private init(_ refusal: VendorRefusal) {
        let (name, meaning) = (refusal.vendor.name, refusal.meaning)
        let reason = "\(meaning.reason). \(name) says: \(refusal.sentence)"
        switch meaning.mistake {
        case .client where refusal.status == 404:
            self.init(.notFound, "Not found at \(name): \(refusal.sentence) \(meaning.advice)")
        case .client: self.init(.upstreamRejected, "\(name) refused the request: \(reason) \(meaning.advice)")
        case .setup, .account:
            let act = "The operator must act: \(meaning.advice)"
            self.init(.upstreamError, "\(name) refused this gateway: \(reason) \(act)")
        case .gateway: self.init(.upstreamError, "\(name) refused this gateway: \(reason) \(meaning.advice)")
        case .notNow:
            self = Problem(.tooManyCalls, "\(name) refused the call for now: \(reason) \(meaning.advice)")
                .retryAfter(meaning.wait ?? .seconds(30))
        }
    }

    init(_ failure: HangUpFailure) {
        switch failure {
        case .notFound: self = .notFound("The call does not exist. GET /calls lists all calls.")
        case .notLive(let call):
            self.init(.callNotLive, "The call has already ended with status \(call.status.rawValue).")
            callID = call.id
        case .journal(let failure): self.init(failure)
        case .vendor(let failure, let callID):
            self = Problem(failure, callID: callID)
        }
    }

    /// For a call that this gateway knows: a 404 of the vendor is a refusal of the request, not an unknown call.
    init(_ failure: VendorFailure, callID: CallID?) {
        self = Problem(failure).with(callID: callID)
        if code == .notFound { code = .upstreamRejected }
    }
}

extension VendorRefusal {
    /// The vendor's message with one full stop.
    fileprivate var sentence: String {
        let ending = message.utf8.last
        let isEnded = ending == UInt8(ascii: ".") || ending == UInt8(ascii: "!") || ending == UInt8(ascii: "?")
        return isEnded ? message : message + "."
    }
}

extension Vendor {
    /// As people write it.
    var name: String {
        switch self {
        case .twilio: "Twilio"
        case .ultravox: "Ultravox"
        }
    }
}
