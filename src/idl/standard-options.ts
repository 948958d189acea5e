// IDL layer: the options that protobuf itself defines, so that files which use them need not import descriptor.proto.
// Names, numbers and types are those of google/protobuf/descriptor.proto; features up to edition 2023.

/** The path that `standardOptionsText` stands in for. */
export const standardOptionsName = "google/protobuf/descriptor.proto";

/** The messages `google.protobuf.*Options` as a `.proto` text, read by our own parser whenever options are to be typed. */
export const standardOptionsText = `syntax = "proto2";
package google.protobuf;
message FileOptions {
  enum OptimizeMode { SPEED = 1; CODE_SIZE = 2; LITE_RUNTIME = 3; }
  optional string java_package = 1;
  optional string java_outer_classname = 8;
  optional OptimizeMode optimize_for = 9;
  optional bool java_multiple_files = 10;
  optional string go_package = 11;
  optional bool cc_generic_services = 16;
  optional bool java_generic_services = 17;
  optional bool py_generic_services = 18;
  optional bool java_generate_equals_and_hash = 20;
  optional bool deprecated = 23;
  optional bool java_string_check_utf8 = 27;
  optional bool cc_enable_arenas = 31;
  optional string objc_class_prefix = 36;
  optional string csharp_namespace = 37;
  optional string swift_prefix = 39;
  optional string php_class_prefix = 40;
  optional string php_namespace = 41;
  optional string php_metadata_namespace = 44;
  optional string ruby_package = 45;
  optional FeatureSet features = 50;
  extensions 1000 to max;
}
message MessageOptions {
  optional bool message_set_wire_format = 1;
  optional bool no_standard_descriptor_accessor = 2;
  optional bool deprecated = 3;
  optional bool map_entry = 7;
  optional bool deprecated_legacy_json_field_conflicts = 11;
  optional FeatureSet features = 12;
  extensions 1000 to max;
}
message FieldOptions {
  enum CType { STRING = 0; CORD = 1; STRING_PIECE = 2; }
  enum JSType { JS_NORMAL = 0; JS_STRING = 1; JS_NUMBER = 2; }
  enum OptionRetention { RETENTION_UNKNOWN = 0; RETENTION_RUNTIME = 1; RETENTION_SOURCE = 2; }
  enum OptionTargetType {
    TARGET_TYPE_UNKNOWN = 0; TARGET_TYPE_FILE = 1; TARGET_TYPE_EXTENSION_RANGE = 2; TARGET_TYPE_MESSAGE = 3;
    TARGET_TYPE_FIELD = 4; TARGET_TYPE_ONEOF = 5; TARGET_TYPE_ENUM = 6; TARGET_TYPE_ENUM_ENTRY = 7;
    TARGET_TYPE_SERVICE = 8; TARGET_TYPE_METHOD = 9;
  }
  message EditionDefault { optional string value = 2; optional Edition edition = 3; }
  message FeatureSupport {
    optional Edition edition_introduced = 1;
    optional Edition edition_deprecated = 2;
    optional string deprecation_warning = 3;
    optional Edition edition_removed = 4;
    optional string removal_error = 5;
  }
  optional CType ctype = 1;
  optional bool packed = 2;
  optional bool deprecated = 3;
  optional bool lazy = 5;
  optional JSType jstype = 6;
  optional bool weak = 10;
  optional bool unverified_lazy = 15;
  optional bool debug_redact = 16;
  optional OptionRetention retention = 17;
  repeated OptionTargetType targets = 19;
  repeated EditionDefault edition_defaults = 20;
  optional FeatureSet features = 21;
  optional FeatureSupport feature_support = 22;
  extensions 1000 to max;
}
message OneofOptions { optional FeatureSet features = 1; extensions 1000 to max; }
message EnumOptions {
  optional bool allow_alias = 2;
  optional bool deprecated = 3;
  optional bool deprecated_legacy_json_field_conflicts = 6;
  optional FeatureSet features = 7;
  extensions 1000 to max;
}
message EnumValueOptions {
  optional bool deprecated = 1;
  optional FeatureSet features = 2;
  optional bool debug_redact = 3;
  optional FieldOptions.FeatureSupport feature_support = 4;
  extensions 1000 to max;
}
message ServiceOptions {
  optional bool deprecated = 33;
  optional FeatureSet features = 34;
  extensions 1000 to max;
}
message MethodOptions {
  enum IdempotencyLevel { IDEMPOTENCY_UNKNOWN = 0; NO_SIDE_EFFECTS = 1; IDEMPOTENT = 2; }
  optional bool deprecated = 33;
  optional IdempotencyLevel idempotency_level = 34;
  optional FeatureSet features = 35;
  extensions 1000 to max;
}
message ExtensionRangeOptions {
  enum VerificationState { DECLARATION = 0; UNVERIFIED = 1; }
  message Declaration {
    optional int32 number = 1;
    optional string full_name = 2;
    optional string type = 3;
    optional bool reserved = 5;
    optional bool repeated = 6;
  }
  repeated Declaration declaration = 2 [retention = RETENTION_SOURCE];
  optional VerificationState verification = 3 [retention = RETENTION_SOURCE];
  optional FeatureSet features = 50;
  extensions 1000 to max;
}
message FeatureSet {
  enum FieldPresence { FIELD_PRESENCE_UNKNOWN = 0; EXPLICIT = 1; IMPLICIT = 2; LEGACY_REQUIRED = 3; }
  enum EnumType { ENUM_TYPE_UNKNOWN = 0; OPEN = 1; CLOSED = 2; }
  enum RepeatedFieldEncoding { REPEATED_FIELD_ENCODING_UNKNOWN = 0; PACKED = 1; EXPANDED = 2; }
  enum Utf8Validation { UTF8_VALIDATION_UNKNOWN = 0; VERIFY = 2; NONE = 3; }
  enum MessageEncoding { MESSAGE_ENCODING_UNKNOWN = 0; LENGTH_PREFIXED = 1; DELIMITED = 2; }
  enum JsonFormat { JSON_FORMAT_UNKNOWN = 0; ALLOW = 1; LEGACY_BEST_EFFORT = 2; }
  optional FieldPresence field_presence = 1 [targets = TARGET_TYPE_FIELD, targets = TARGET_TYPE_FILE];
  optional EnumType enum_type = 2 [targets = TARGET_TYPE_ENUM, targets = TARGET_TYPE_FILE];
  optional RepeatedFieldEncoding repeated_field_encoding = 3 [targets = TARGET_TYPE_FIELD, targets = TARGET_TYPE_FILE];
  optional Utf8Validation utf8_validation = 4 [targets = TARGET_TYPE_FIELD, targets = TARGET_TYPE_FILE];
  optional MessageEncoding message_encoding = 5 [targets = TARGET_TYPE_FIELD, targets = TARGET_TYPE_FILE];
  optional JsonFormat json_format = 6
      [targets = TARGET_TYPE_MESSAGE, targets = TARGET_TYPE_ENUM, targets = TARGET_TYPE_FILE];
}
enum Edition {
  EDITION_UNKNOWN = 0; EDITION_1_TEST_ONLY = 1; EDITION_2_TEST_ONLY = 2; EDITION_LEGACY = 900; EDITION_PROTO2 = 998;
  EDITION_PROTO3 = 999; EDITION_2023 = 1000; EDITION_2024 = 1001; EDITION_2026 = 1002; EDITION_UNSTABLE = 9999;
  EDITION_99997_TEST_ONLY = 99997; EDITION_99998_TEST_ONLY = 99998; EDITION_99999_TEST_ONLY = 99999;
  EDITION_MAX = 0x7FFFFFFF;
}
`;
