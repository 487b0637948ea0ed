#pragma once
// Validation against the schemas that people validate against.

#include <string>

#include <nlohmann/json.hpp>
#include <valijson/adapters/nlohmann_json_adapter.hpp>
#include <valijson/schema.hpp>
#include <valijson/schema_parser.hpp>
#include <valijson/validator.hpp>

using Plain = nlohmann::json; // valijson does not know ordered objects

/// A JSON Schema that documents are held against.
class Schema {
  public:
    explicit Schema(const std::string& text) : document_(Plain::parse(text)) {
        valijson::SchemaParser parser;
        parser.populateSchema(valijson::adapters::NlohmannJsonAdapter(document_), schema_);
    }
    /// Empty when the document is valid; else what is not.
    std::string complaint(const std::string& text) const {
        const Plain document = Plain::parse(text, nullptr, true, true);
        valijson::Validator validator;
        valijson::ValidationResults results;
        if (validator.validate(schema_, valijson::adapters::NlohmannJsonAdapter(document), &results))
            return "";
        valijson::ValidationResults::Error error;
        return results.popError(error) ? error.description : "not valid";
    }

  private:
    Plain document_;
    valijson::Schema schema_;
};
