import HTTPTypes
import OrderedCollections

/// `/_sandbox/…` on both servers: what the sandbox saw and how it misbehaves, for people and scripts on this machine.
struct ControlAPI: Sendable {
    let core: SandboxCore

    func answer(_ request: VendorRequest) -> VendorAnswer {
        let path = Array(request.segments.dropFirst())
        if path == ["faults"] { return faults(request) }
        if path == ["numbers"] { return numbers(request) }
        guard request.method == .get else { return VendorAnswer(status: 405, headers: [.allow: "GET"]) }
        let state = core.state.value
        switch path {
        case ["ledger"]:
            return .json(state.ledger.json)
        case ["calls"]:
            return .json([
                "twilio": .array(state.phoneCalls.values.map { $0.json }),
                "ultravox": .array(state.agentCalls.values.map { $0.json }),
                "settled": .bool(state.isSettled),
            ])
        case ["scenarios"]:
            return .json([
                "scenarios": .array(
                    Scenario.all.map { ["suffix": .string($0.suffix), "summary": .string($0.summary)] }
                )
            ])
        default:
            return .json(["error": "no such resource"], status: 404)
        }
    }

    /// `POST` adds a rule, `GET` lists the rules and all that there can be, `DELETE` forgets the rules.
    private func faults(_ request: VendorRequest) -> VendorAnswer {
        switch request.method {
        case .get:
            let faults = core.state.read { $0.faults.faults }
            return .json(["rules": .array(faults.map(\.json)), "faults": FaultCatalogue.json])
        case .post:
            do {
                return .json(try add(request).json, status: 201)
            } catch {
                let allowed: JSON = .array(error.allowed.map(JSON.string))
                return .json(["error": .string(error.message), "allowed": allowed], status: 400)
            }
        case .delete:
            core.state.update { $0.faults.clear() }
            return .noContent
        default:
            return VendorAnswer(status: 405, headers: [.allow: "DELETE, GET, POST"])
        }
    }

    /// `GET` shows the account's numbers and verified caller IDs at Twilio, `PUT` replaces both.
    private func numbers(_ request: VendorRequest) -> VendorAnswer {
        switch request.method {
        case .get: break
        case .put:
            do {
                try setNumbers(request)
            } catch {
                let allowed: JSON = .array(error.allowed.map(JSON.string))
                return .json(["error": .string(error.message), "allowed": allowed], status: 400)
            }
        default: return VendorAnswer(status: 405, headers: [.allow: "GET, PUT"])
        }
        let state = core.state.value
        return .json([
            "numbers": .array(state.numbers.map(\.control)), "caller_ids": .array(state.callerIDs.map(JSON.string)),
        ])
    }

    private func setNumbers(_ request: VendorRequest) throws(FaultProblem) {
        guard let json = try? JSON(parsing: request.body), let list = json["numbers"]?.array else {
            throw FaultProblem("send an object with numbers, an array, and maybe caller_ids")
        }
        var numbers: [OwnedNumber] = []
        for element in list { numbers.append(try OwnedNumber(control: element)) }
        let callerIDs = (json["caller_ids"]?.array ?? []).compactMap(\.string)
        core.state.update { state in
            state.numbers = numbers
            state.callerIDs = callerIDs
        }
    }

    private func add(_ request: VendorRequest) throws(FaultProblem) -> InjectedFault {
        guard let json = try? JSON(parsing: request.body) else { throw FaultProblem("a rule must be a JSON object") }
        let rule = try FaultRule(json)
        let added: InjectedFault? = core.state.update { state in
            if rule.refusesEverything, state.faults.faults.contains(where: { $0.rule.shutsOut(besides: rule) }) {
                return nil
            }
            return state.faults.add(rule)
        }
        guard let added else {
            throw FaultProblem("times: the other stand-in refuses everything already, so nobody could reach this API")
        }
        return added
    }
}

extension FaultRule {
    fileprivate var refusesEverything: Bool {
        guard case .request(.refuse, _) = subject else { return false }
        return times == .every
    }

    fileprivate func shutsOut(besides other: FaultRule) -> Bool { refusesEverything && vendor != other.vendor }
}
