# SPDX-License-Identifier: Apache-2.0
"""The KPU in a LiteX design.

    from openkpu import OpenKpu
    self.kpu = OpenKpu(self.platform, parameters={"Lanes": 16, "PostLanes": 1, ...})
    self.kpu.add_to(self, ctrl=0x9000_0000, ram=0x9100_0000)

adds two bus slaves, `kpu_ctrl` (the registers, 4 KiB) and `kpu_ram` (AI RAM, 2 MiB), one bus master that fetches weights
and tables from main memory, and an interrupt. Both regions have to be uncached: in the processor's IO region. The
software beside it is driver/c; docs/integration.md.
"""
import pathlib

from migen import ClockSignal, If, Instance, ResetSignal, Signal

from litex.gen import LiteXModule
from litex.soc.integration.soc import SoCRegion
from litex.soc.interconnect import axi, wishbone
from litex.soc.interconnect.csr_eventmanager import EventManager, EventSourceLevel

ROOT = pathlib.Path(__file__).resolve().parents[2]
RAM_BYTES = 0x20_0000


class WishboneToAxi(LiteXModule):
    """Single 32-bit accesses of a Wishbone master as single beats on a 64-bit AXI4 slave.

    LiteX's own way, through its converter of widths, takes only bursts that fill words of the wider bus.
    """
    def __init__(self, master, slave):
        shown, aw_done, w_done = Signal(), Signal(), Signal()
        access = Signal()
        high = master.adr[0]
        self.comb += [
            access.eq(master.cyc & master.stb & ~shown),
            *(channel.addr[2:].eq(master.adr) for channel in (slave.aw, slave.ar)),
            *(channel.size.eq(2) for channel in (slave.aw, slave.ar)),
            *(channel.burst.eq(axi.BURST_INCR) for channel in (slave.aw, slave.ar)),
            slave.aw.valid.eq(access & master.we & ~aw_done),
            slave.w.valid.eq(access & master.we & ~w_done),
            slave.w.data[:32].eq(master.dat_w),
            slave.w.data[32:].eq(master.dat_w),
            If(high, slave.w.strb[4:].eq(master.sel)).Else(slave.w.strb[:4].eq(master.sel)),
            slave.w.last.eq(1),
            slave.ar.valid.eq(access & ~master.we),
            slave.b.ready.eq(1),
            slave.r.ready.eq(1),
            master.dat_r.eq(slave.r.data[:32]),
            If(high, master.dat_r.eq(slave.r.data[32:])),
            master.ack.eq(slave.b.valid | slave.r.valid),
            master.err.eq(master.ack & (slave.b.valid & slave.b.resp[1] | slave.r.valid & slave.r.resp[1])),
        ]
        # Shown: the slave has all of the access and owes its answer.
        self.sync += [
            If(slave.aw.valid & slave.aw.ready, aw_done.eq(1)),
            If(slave.w.valid & slave.w.ready, w_done.eq(1)),
            If(slave.ar.valid & slave.ar.ready, shown.eq(1)),
            If(master.ack, shown.eq(0), aw_done.eq(0), w_done.eq(0)),
        ]


class OpenKpu(LiteXModule):
    """Module `openkpu` (rtl/ip/openkpu.v) with LiteX's interfaces.

    `parameters` are those of a configuration; what is left out has the module's defaults. `verilog` is the path of a
    file of `make verilog` for toolchains that do not read SystemVerilog: the parameters are built into it.
    """
    def __init__(self, platform, parameters=None, verilog=None):
        self.ctrl = axi.AXILiteInterface(data_width=32, address_width=32)
        self.ram  = wishbone.Interface(data_width=32, address_width=32, addressing="word")
        self.dma  = axi.AXIInterface(data_width=64, address_width=32, id_width=1)
        self.ev   = EventManager()
        self.ev.kpu = EventSourceLevel(description="Unmasked interrupts of the KPU.")
        self.ev.finalize()

        ram_axi = axi.AXIInterface(data_width=64, address_width=32, id_width=4)
        self.bridge = WishboneToAxi(self.ram, ram_axi)

        ports = {"i_aclk": ClockSignal("sys"), "i_aresetn": ~ResetSignal("sys"), "o_irq": self.ev.kpu.trigger}
        for channel, names in (("aw", ("addr", "prot")), ("w", ("data", "strb")), ("ar", ("addr", "prot"))):
            self.join(ports, "s_axi_ctrl", channel, getattr(self.ctrl, channel), names, inward=True)
        for channel, names in (("b", ("resp",)), ("r", ("data", "resp"))):
            self.join(ports, "s_axi_ctrl", channel, getattr(self.ctrl, channel), names, inward=False)
        ax = ("id", "addr", "len", "size", "burst", "lock", "cache", "prot", "qos")
        for channel, names in (("aw", ax), ("w", ("data", "strb", "last")), ("ar", ax)):
            self.join(ports, "s_axi_ram", channel, getattr(ram_axi, channel), names, inward=True)
        for channel, names in (("b", ("id", "resp")), ("r", ("id", "data", "resp", "last"))):
            self.join(ports, "s_axi_ram", channel, getattr(ram_axi, channel), names, inward=False)
        self.join(ports, "m_axi", "ar", self.dma.ar, ax, inward=False)
        self.join(ports, "m_axi", "r", self.dma.r, ("id", "data", "resp", "last"), inward=True)
        self.comb += self.dma.b.ready.eq(1)

        if verilog is None:
            ports.update({f"p_{name}": value for name, value in (parameters or {}).items()})
            platform.add_verilog_include_path(str(ROOT / "rtl"))
            for file in (ROOT / "ip/openkpu.f").read_text().split("\n"):
                if file.startswith("rtl/"):
                    platform.add_source(str(ROOT / file))
        else:
            platform.add_source(str(verilog))
        self.specials += Instance("openkpu", **ports)

    @staticmethod
    def join(ports, bus, channel, stream, names, inward):
        """Adds the instance's ports of one channel; `inward`: the KPU receives on it."""
        forth, back = ("i", "o") if inward else ("o", "i")
        ports[f"{forth}_{bus}_{channel}valid"] = stream.valid
        ports[f"{back}_{bus}_{channel}ready"] = stream.ready
        widths = {"s_axi_ctrl": 12, "s_axi_ram": 21}
        for name in names:
            signal = getattr(stream, name)
            if name == "addr" and bus in widths:
                signal = signal[:widths[bus]]
            ports[f"{forth}_{bus}_{channel}{name}"] = signal

    def add_to(self, soc, ctrl, ram, name="kpu"):
        """Joins the module, which `soc` already has under this name, to its buses and interrupts."""
        soc.bus.add_slave(f"{name}_ctrl", self.ctrl, SoCRegion(origin=ctrl, size=0x1000, cached=False))
        soc.bus.add_slave(f"{name}_ram", self.ram, SoCRegion(origin=ram, size=RAM_BYTES, cached=False))
        soc.bus.add_master(f"{name}_dma", self.dma)
        if soc.irq.enabled:
            soc.irq.add(name, use_loc_if_exists=True)
