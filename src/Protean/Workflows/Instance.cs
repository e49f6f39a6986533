using System.Buffers.Binary;
using Protean.Codec;
using Protean.Cryptography;
using Protean.Membership;

namespace Protean.Workflows;

/// <summary>A workflow that an instance runs, by the hash of its canonical text.</summary>
public sealed record WorkflowPin(string Name, Digest CodeHash) : ICanonical<WorkflowPin>
{
    public void Encode(Encoder to) => to.Text(Name).Digest(CodeHash);
    public static WorkflowPin Decode(ref Decoder from) => new(from.Text(Limits.MaxName), from.Digest());
}

/// <summary>A once-only operation of an instance, and the only workflow, unit and function that may perform it.</summary>
/// <param name="Name"><c>workflow.step</c>.</param>
public sealed record OperationPin(string Name, Digest UnitId, string Function, Digest CodeHash) : ICanonical<OperationPin>
{
    public void Encode(Encoder to) => to.Text(Name).Digest(UnitId).Text(Function).Digest(CodeHash);

    public static OperationPin Decode(ref Decoder from) =>
        new(from.Text(Step.MaxOperation), from.Digest(), from.Text(Limits.MaxName), from.Digest());
}

/// <summary>One run of an application, one lottery say: named by its content, so nobody can make it again with other workflows,
/// parameters or dates (protocols 8.1).</summary>
/// <param name="ChainId">The network.</param>
/// <param name="StateUnit">Where the application's state lives and its workflows' texts stand.</param>
/// <param name="Creator">Who made it.</param>
/// <param name="Name">For people.</param>
/// <param name="Nonce">Tells runs of equal content apart.</param>
/// <param name="OpenEpoch">First epoch in which its steps run.</param>
/// <param name="CloseEpoch">Last one; its replay entries are kept until then.</param>
/// <param name="Workflows">In order of name.</param>
/// <param name="Parameters">In order of name.</param>
/// <param name="Operations">In order of name.</param>
public sealed record Instance(
    Digest ChainId, Digest StateUnit, PublicKey Creator, string Name, ulong Nonce, ulong OpenEpoch, ulong CloseEpoch,
    IReadOnlyList<WorkflowPin> Workflows, IReadOnlyList<NamedValue> Parameters, IReadOnlyList<OperationPin> Operations)
        : ICanonical<Instance>
{
    // With whose it is: a copy made by "with" has another.
    private (Instance? Of, Digest Value) _id;

    /// <summary>instanceId = H("protean/instance/v1", Instance).</summary>
    public Digest Id
    {
        get
        {
            if (!ReferenceEquals(_id.Of, this)) _id = (this, new Encoder().Value(this).ToHash("protean/instance/v1"));
            return _id.Value;
        }
    }

    /// <summary>The instance of these workflows on this network: pins them, and each of their once-only steps to its unit.</summary>
    /// <param name="directory">The network; it has every unit that a once-only step names.</param>
    /// <param name="workflows">All that the instance will run.</param>
    /// <param name="terms">The other fields; its pins and chain are replaced.</param>
    public static Instance Pin(IDirectory directory, IEnumerable<Workflow> workflows, Instance terms)
    {
        Workflow[] all = [.. workflows.OrderBy(static workflow => workflow.Name, StringComparer.Ordinal)];
        var operations =
            from workflow in all
            from index in Enumerable.Range(0, workflow.Steps.Count)
            let step = workflow.Steps[index]
            where step.Scope != Scope.Plan
            let unit = workflow.Units[step.Unit]
            let entry = directory.Find(unit.Class, unit.Ordinal)
                ?? throw new ArgumentException($"the network has no unit {unit}", nameof(directory))
            select new OperationPin(workflow.OperationOf(index), entry.UnitId, step.Function, workflow.CodeHash);
        return terms with
        {
            ChainId = directory.ChainId,
            Workflows = [.. all.Select(static workflow => new WorkflowPin(workflow.Name, workflow.CodeHash))],
            Operations = [.. operations.OrderBy(static pin => pin.Name, StringComparer.Ordinal)],
        };
    }

    /// <summary>It opens before it closes, and closes within <see cref="Limits.MaxInstanceEpochs"/>.</summary>
    public bool OpensProperly => CloseEpoch >= OpenEpoch && CloseEpoch - OpenEpoch <= Limits.MaxInstanceEpochs;

    public Digest? CodeHashOf(string workflow) => Workflows.FirstOrDefault(pin => pin.Name == workflow)?.CodeHash;
    public Bytes? Parameter(string name) => Parameters.FirstOrDefault(parameter => parameter.Name == name)?.Value;
    public OperationPin? Operation(string name) => Operations.FirstOrDefault(pin => pin.Name == name);
    public PublicKey? KeyParameter(string name) => Parameter(name) is { Length: PublicKey.Size } value ? new PublicKey(value.Span) : null;

    /// <summary>The number that a bound stands for, or null where the parameter is missing or no number.</summary>
    public ulong? Resolve(Bound bound) => bound switch
    {
        Bound.Fixed number => number.Value,
        Bound.Parameter parameter when Parameter(parameter.Name) is { Length: sizeof(ulong) } value =>
            BinaryPrimitives.ReadUInt64LittleEndian(value.Span),
        _ => null,
    };

    public void Encode(Encoder to) => to
        .Digest(ChainId).Digest(StateUnit).Key(Creator).Text(Name).U64(Nonce).U64(OpenEpoch).U64(CloseEpoch)
        .List(Workflows).List(Parameters).List(Operations);

    public static Instance Decode(ref Decoder from)
    {
        var instance = new Instance(
            from.Digest(), from.Digest(), from.Key(), from.Text(Limits.MaxName), from.U64(), from.U64(), from.U64(),
            from.List<WorkflowPin>(Limits.MaxWorkflows), from.List<NamedValue>(Limits.MaxParameters),
                from.List<OperationPin>(Limits.MaxOperations));
        Ascending.Require(instance.Workflows, static pin => pin.Name, "workflows of an instance");
        Ascending.Require(instance.Parameters, static parameter => parameter.Name, "parameters of an instance");
        Ascending.Require(instance.Operations, static pin => pin.Name, "operations of an instance");
        return instance;
    }

    public bool Equals(Instance? other) => other is not null && Id == other.Id;
    public override int GetHashCode() => Id.GetHashCode();
}
