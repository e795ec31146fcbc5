import OrderedCollections

/// What is said in a scenario's conversation.
struct Script: Sendable {
    struct Line: Sendable {
        let after: Duration
        let role: UltravoxMedia.Role
        let text: String
        var tool: String?
    }

    let lines: [Line]

    init(scenario: Scenario, call: AgentCall) {
        let greeting = call.settings["firstSpeakerSettings"]?["agent"]?["text"]?.string
        var lines: [Line] = []
        if scenario.isMachine {
            lines = [
                Line(after: .milliseconds(500), role: .user, text: "Please leave a message after the tone."),
                Line(
                    after: .milliseconds(2500),
                    role: .agent,
                    text: greeting ?? "Hello, I am sorry to have missed you. I will try again later. Goodbye."
                ),
            ]
        } else if let greeting {
            lines = [
                Line(after: .milliseconds(300), role: .agent, text: greeting),
                Line(after: .milliseconds(900), role: .user, text: "Hello, who is speaking?"),
            ]
        } else {
            lines = [
                Line(after: .milliseconds(300), role: .user, text: "Hello?"),
                Line(after: .milliseconds(900), role: .agent, text: "Hello, this is your assistant speaking."),
            ]
        }
        if case .callee = scenario.ending {
            self.lines = lines
            return
        }
        if !scenario.isMachine {
            lines += [
                Line(after: .milliseconds(1500), role: .user, text: "Yes, that suits me."),
                Line(after: .milliseconds(2300), role: .agent, text: "Wonderful. Thank you and goodbye."),
            ]
        }
        if case .agent(let end) = scenario.ending {
            let call = end - .milliseconds(200)
            lines += [
                Line(after: call, role: .toolCall, text: #"{"reason": "The conversation is over."}"#, tool: "hangUp"),
                Line(after: call, role: .toolResult, text: "OK", tool: "hangUp"),
            ]
        }
        self.lines = lines
    }
}
