extension APIDescription {
    /// The values of variables, which orders and agents have in common.
    var templateSchemas: String {
        #"""
        {"components": {"schemas": {
          "TemplateValues": {
            "type": "object", "maxProperties": \#(TemplateRules.variables),
            "propertyNames": \#(variableName),
            "additionalProperties": \#(templateValue(depth: 1)),
            "description": [
              "Values of the prompt's `{{variables}}`: a text of at most \#(TemplateRules.text) characters, a number, `true`,",
              "`false`, or an object of such values, \#(TemplateRules.depth) levels deep at most. All of it has at most",
              "\#(TemplateRules.size) bytes of JSON."
            ],
            "examples": [{"name": "Jane"}]
          }
        }}}
        """#
    }

    private var variableName: String {
        #"{"pattern": "^[A-Za-z_][A-Za-z0-9_]*$", "maxLength": \#(TemplateRules.name)}"#
    }

    /// Written out level by level: the levels are few, and generators of clients understand no value that holds itself.
    private func templateValue(depth: Int) -> String {
        let object =
            depth < TemplateRules.depth
            ? #"""
            , {
              "type": "object", "propertyNames": \#(variableName),
              "additionalProperties": \#(templateValue(depth: depth + 1))
            }
            """# : ""
        return #"""
            {"anyOf": [
              {"type": "string", "maxLength": \#(TemplateRules.text), "pattern": "\#(Lines.several.rawValue)"},
              {"type": "number"}, {"type": "boolean"}\#(object)
            ]}
            """#
    }
}
