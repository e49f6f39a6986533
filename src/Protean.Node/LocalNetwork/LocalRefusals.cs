using System.Globalization;
using Protean.Runtime;

namespace Protean.Node.LocalNetwork;

/// <summary>Every refusal of a development network, with its code.</summary>
public static class LocalRefusals
{
    public static Refusal Members(int got) => new(
        "PRT-LOC-0001", "a unit of a development network cannot have so many members", Expected: $"{NetworkShape.LeastMembers} to {NetworkShape.MostMembers}", Got: Text(got));

    public static Refusal Nodes(int got, int members) => new(
        "PRT-LOC-0002", "a development network cannot have so many nodes", Expected: $"{members}, as a unit has members, to {NetworkShape.MostNodes}", Got: Text(got));

    public static Refusal FolderTaken(string folder) => new(
        "PRT-LOC-0003", "the folder holds something else", folder, "a development network, or nothing", "other files", Advice: "Give a folder of its own");

    public static Refusal NotUp(string unit, string waiting) => new(
        "PRT-LOC-0004", "a unit does not come up", unit, "all members running, keys generated and a sealed height", waiting, Retry: true,
        Advice: "Is the machine overloaded? Look into the nodes' logs");

    public static Refusal NodeEnded(int node, string said) => new(
        "PRT-LOC-0005", "a node has stopped", $"node {node}", "a running node", said, Advice: "Look into the node's log");

    public static Refusal NoPorts(int count) => new(
        "PRT-LOC-0006", "there are not enough free ports", Expected: $"{count} free ports of the loopback address", Got: "fewer", Retry: true);

    public static Refusal OtherShape(string folder, string expected, string got) => new(
        "PRT-LOC-0007", "the network in the folder has another size", folder, expected, got, Advice: "Leave out --nodes and --members, or give another folder");

    private static string Text(int number) => number.ToString(CultureInfo.InvariantCulture);
}
