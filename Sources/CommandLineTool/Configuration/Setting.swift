/// What everybody needs to know about one variable: the reader, `check` and the documentation.
struct SettingEntry: Sendable {
    let name: String
    /// One line, for the documentation.
    let summary: String
    /// What a good value looks like.
    let good: String
    let example: String
    /// The value that counts where none is given, as it would be written.
    let fallback: String?
    /// What applies if no value is set and there is no ``fallback``, in words.
    let otherwise: String
    let isRequired: Bool
    let isSecret: Bool
    /// Whether this version acts upon it. A set one that it does not act upon is named in a warning at start.
    let isInEffect: Bool
    let reload: ReloadEffect
    let check: @Sendable (String, Surroundings) throws(ValueFault) -> Void
    /// A good value as it counts, in one spelling.
    let shown: @Sendable (String, Surroundings) -> String
}

/// One variable and the type of its values.
struct Setting<Value: Sendable>: Sendable {
    let entry: SettingEntry
    let form: ValueForm<Value>

    private init(
        _ name: String,
        _ form: ValueForm<Value>,
        fallback: String?,
        otherwise: String,
        isRequired: Bool,
        isSecret: Bool,
        isInEffect: Bool,
        reload: ReloadEffect,
        example: String,
        summary: String
    ) {
        self.form = form
        let parse = form.parse
        let spelling = form.spelling
        entry = SettingEntry(
            name: name,
            summary: summary,
            good: form.good,
            example: example,
            fallback: fallback,
            otherwise: otherwise,
            isRequired: isRequired,
            isSecret: isSecret,
            isInEffect: isInEffect,
            reload: reload,
            check: { (text, surroundings) throws(ValueFault) in _ = try parse(text, surroundings) },
            shown: { text, surroundings in (try? parse(text, surroundings)).flatMap(spelling) ?? text }
        )
    }

    /// A variable that must be set.
    static func required(
        _ name: String,
        _ form: ValueForm<Value>,
        secret: Bool = false,
        reload: ReloadEffect = .leavesIt,
        example: String,
        _ summary: String
    ) -> Self {
        Self(
            name,
            form,
            fallback: nil,
            otherwise: "required",
            isRequired: true,
            isSecret: secret,
            isInEffect: true,
            reload: reload,
            example: example,
            summary: summary
        )
    }

    /// A variable with a default.
    static func defaulted(
        _ name: String,
        _ form: ValueForm<Value>,
        to fallback: String,
        inEffect: Bool = true,
        reload: ReloadEffect = .leavesIt,
        example: String,
        _ summary: String
    ) -> Self {
        Self(
            name,
            form,
            fallback: fallback,
            otherwise: "",
            isRequired: false,
            isSecret: false,
            isInEffect: inEffect,
            reload: reload,
            example: example,
            summary: summary
        )
    }

    /// A variable without which something is left out or decided otherwise.
    static func optional(
        _ name: String,
        _ form: ValueForm<Value>,
        otherwise: String = "none",
        secret: Bool = false,
        inEffect: Bool = true,
        reload: ReloadEffect = .leavesIt,
        example: String,
        _ summary: String
    ) -> Self {
        Self(
            name,
            form,
            fallback: nil,
            otherwise: otherwise,
            isRequired: false,
            isSecret: secret,
            isInEffect: inEffect,
            reload: reload,
            example: example,
            summary: summary
        )
    }
}
