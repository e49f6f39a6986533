using Protean.Codec;
using Protean.Runtime;

namespace Protean.Node.Api;

// The API's JSON. Canonical bytes are base64, identifiers lower-case hexadecimal, times milliseconds since 1970.

/// <param name="Links">Canonical <c>EpochLink</c>s from the genesis on, the first into epoch 1.</param>
public sealed record NetworkMessage(string ChainId, string Genesis, string Node, ulong Epoch, IReadOnlyList<string> Links);

public sealed record UnitMessageView(string UnitId, string Class, uint Ordinal, bool Member, IReadOnlyList<TransactionView> Transactions);

public sealed record TransactionView(
    string Name, string Summary, bool Direct, IReadOnlyList<FieldView> Inputs, IReadOnlyList<FieldView> Outputs, IReadOnlyList<ErrorView> Errors)
{
    public static TransactionView Of(Transaction transaction) => new(
        transaction.Name, transaction.Summary, transaction.Direct, [.. transaction.Inputs.Select(FieldView.Of)], [.. transaction.Outputs.Select(FieldView.Of)],
        [.. transaction.Errors.Select(error => new ErrorView(error.Code, error.Meaning))]);
}

public sealed record FieldView(string Name, string Kind, bool Repeated, string Summary)
{
    public static FieldView Of(Field field) => new(field.Name, field.Kind.ToString(), field.Repeated, field.Summary);
}

public sealed record ErrorView(string Code, string Meaning);

/// <param name="Request">Canonical bytes, base64.</param>
/// <param name="WaitMs">How long to wait for the answer, at most <see cref="Limits.MaxApiWaitMs"/>.</param>
public sealed record SubmitMessage(string Request, int? WaitMs);

/// <param name="Status"><c>done</c>, <c>refused</c> or <c>waiting</c>; the fields that belong to it are set.</param>
public sealed record ReplyMessage(
    string Status, byte[]? Receipt = null, byte[]? Outputs = null, byte[]? Record = null, Refusal? Refusal = null, IReadOnlyList<string>? WaitingFor = null)
{
    public static ReplyMessage Of(Reply reply) => reply switch
    {
        Reply.Done done => new(
            "done", Canonical.Encode(done.Receipt), Canonical.Encode(done.Outputs), done.Record.ToArray()),
        Reply.Refused refused => new("refused", Refusal: refused.Refusal),
        _ => throw new InvalidOperationException("a reply of no kind"),
    };
}

public sealed record ReadMessage(IReadOnlyList<string> Keys, IReadOnlyList<string> Prefixes, ulong? MinHeight, int? WaitMs);

public sealed record StateMessage(string Seal, string Witness);

public sealed record HeadMessage(string Seal);

public sealed record QueryMessage(string Input);

public sealed record QueryAnswer(string Output);

public sealed record KeyMessage(string Receipt, string Outputs, string Record);

public sealed record StatusMessage(
    string Unit, string UnitId, ulong Epoch, ulong View, ulong ExecutedHeight, string StateRoot, ulong SealedHeight, IReadOnlyList<string> Waiting,
    IReadOnlyList<KeyStatus> Keys, Refusal? Halted)
{
    public static StatusMessage Of(UnitStatus status) => new(
        status.Unit, status.UnitId.ToString(), status.Epoch, status.View, status.ExecutedHeight, status.StateRoot.ToString(), status.SealedHeight, status.Waiting,
        [.. status.Keys.Select(key => new KeyStatus(key.Purpose, key.Ready, key.Progress))], status.Halted);
}

/// <param name="Link">Canonical <c>EpochLink</c>: the record and the directory's receipt for it.</param>
public sealed record EpochMessage(string Link);

public sealed record KeyStatus(string Purpose, bool Ready, string Progress);
