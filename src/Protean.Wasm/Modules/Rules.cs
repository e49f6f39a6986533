namespace Protean.Wasm.Modules;

/// <summary>One reason for refusing a module at deploy.</summary>
internal sealed record Rule(string Code, string What);

/// <summary>Every rule a module must keep, with the code its refusal carries. The list stands in docs/contracts.md.</summary>
internal static class Rules
{
    public static readonly Rule CodeSize = new("PRT-WSM-0001", "the code is too large");
    public static readonly Rule Version = new("PRT-WSM-0002", "this is no WebAssembly version 1 module");
    public static readonly Rule Malformed = new("PRT-WSM-0003", "the module is malformed");
    public static readonly Rule Float = new("PRT-WSM-0004", "floating point is not deterministic");
    public static readonly Rule Vector = new("PRT-WSM-0005", "vector instructions are not allowed");
    public static readonly Rule Atomic = new("PRT-WSM-0006", "threads and atomic instructions are not allowed");
    public static readonly Rule Unsupported = new("PRT-WSM-0007", "this part of WebAssembly is not allowed");
    public static readonly Rule Start = new("PRT-WSM-0008", "a start function would run before the call is metered and known");
    public static readonly Rule ImportUnknown = new("PRT-WSM-0009", "the import is no host function");
    public static readonly Rule ImportSignature = new("PRT-WSM-0010", "the host function is imported with a wrong signature");
    public static readonly Rule Memory = new("PRT-WSM-0011", "a contract has exactly one memory of its own, exported as \"memory\"");
    public static readonly Rule MemoryLimits = new("PRT-WSM-0012", "the memory must declare a maximum within the limit");
    public static readonly Rule Table = new("PRT-WSM-0013", "at most one table of functions within the limit");
    public static readonly Rule Invoke = new("PRT-WSM-0014", "a contract exports the function \"invoke\" without parameters and results");
    public static readonly Rule TypeCount = new("PRT-WSM-0015", "too many types");
    public static readonly Rule ImportCount = new("PRT-WSM-0016", "too many imports");
    public static readonly Rule FunctionCount = new("PRT-WSM-0017", "too many functions");
    public static readonly Rule GlobalCount = new("PRT-WSM-0018", "too many globals");
    public static readonly Rule ExportCount = new("PRT-WSM-0019", "too many exports");
    public static readonly Rule ElementCount = new("PRT-WSM-0020", "too many element segments");
    public static readonly Rule DataCount = new("PRT-WSM-0021", "too many data segments");
    public static readonly Rule Locals = new("PRT-WSM-0022", "too many parameters and locals in one function");
    public static readonly Rule BodySize = new("PRT-WSM-0023", "the function is too large");
    public static readonly Rule Nesting = new("PRT-WSM-0024", "blocks are nested too deep");
    public static readonly Rule OperandStack = new("PRT-WSM-0025", "the operand stack grows too high");
    public static readonly Rule BranchTable = new("PRT-WSM-0026", "the branch table is too large");
    public static readonly Rule MultiValue = new("PRT-WSM-0027", "functions and blocks give at most one value, blocks take none");
    public static readonly Rule Index = new("PRT-WSM-0028", "the index names nothing");
    public static readonly Rule ExportName = new("PRT-WSM-0029", "the export name is reserved");
    public static readonly Rule SegmentRange = new("PRT-WSM-0030", "the segment does not fit what it initialises");
    public static readonly Rule Balance = new("PRT-WSM-0031", "the operand stack does not balance");
    public static readonly Rule Types = new("PRT-WSM-0032", "the module does not type-check");
}
