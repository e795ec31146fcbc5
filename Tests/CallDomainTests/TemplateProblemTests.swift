import CallDomain
import Testing

@Suite struct `Double braces in a prompt or a greeting` {
    @Test(arguments: [
        "Hello {{name}}, {{ user.first }} {{{raw}}} {{& plain}}.", "No braces { at } all }}.", "",
        "{{" + String(repeating: "a", count: 64) + "}}",
    ])
    func `that name variables are taken in both`(text: String) {
        #expect(TemplateText.problems(in: text, filledBy: .platform) == [])
        #expect(TemplateText.problems(in: text, filledBy: .gateway) == [])
    }

    @Test(arguments: [
        ("Hello {{first name}}.", "{{first name}}", "write {{first_name}}"),
        ("Hello {{first-name}}.", "{{first-name}}", "write {{first_name}}"),
        ("{{ user.first name }}", "{{ user.first name }}", "write {{user.first_name}}"),
        ("{{1st}}", "{{1st}}", "write {{_1st}}"), ("{{user..name}}", "{{user..name}}", "write {{user.name}}"),
        ("{{}}", "{{}}", "name a variable"), ("{{имя}}", "{{имя}}", "name a variable"),
        ("{{$name}}", "{{$name}}", "write {{name}}"), ("{{\"a\":1}}", "{{\"a\":1}}", "write {{a_1}}"),
        ("{{name", "{{ without }}", "close it"), ("{{>footer}}", "{{>footer}}", "nothing to include"),
        ("{{=<% %>=}}", "{{=<% %>=}}", "delimiters"),
        ("{{" + String(repeating: "a", count: 65) + "}}", "longer than 64 characters", "no call could give it a value"),
    ])
    func `that nobody fills in are refused by name, with one that would do`(
        text: String,
        placeholder: String,
        advice: String
    ) throws {
        for filler in [TemplateText.Filler.platform, .gateway] {
            let problems = TemplateText.problems(in: text, filledBy: filler)
            let problem = try #require(problems.first)
            #expect(problems.count == 1)
            #expect(problem.contains(placeholder) && problem.contains(advice), "\(problem)")
        }
    }

    @Test(arguments: [
        "{{#vip}}Welcome back.{{/vip}}", "{{^vip}}Hello.{{/vip}}", "{{ #vip }}x{{/vip}}", "Hi{{! polite }}.",
    ])
    func `of Mustache's other tags are Ultravox's in a prompt, and would be spoken in a greeting`(text: String) {
        #expect(TemplateText.problems(in: text, filledBy: .platform) == [])
        #expect(TemplateText.problems(in: text, filledBy: .gateway).count == 1)
    }

    @Test func `are named each once`() {
        let text = "{{first name}} {{first name}} {{last name}}"
        #expect(TemplateText.problems(in: text, filledBy: .platform).count == 2)
    }
}
